// Runs before anything is painted, so that a chosen theme does not flash.
(() => {
  try {
    const chosen = localStorage.getItem('spotter.theme')
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
  } catch {
    // No storage: the system's preference holds.
  }
})()
