// Runs before anything is painted: a chosen theme does not flash, and who is here is asked while the modules come.
(() => {
  try {
    const chosen = localStorage.getItem('spotter.theme')
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
  } catch {
    // No storage: the system's preference holds.
  }
  if (!location.hash.startsWith('#/sign-in/')) {
    globalThis.spotterSession = fetch('/v1/dashboard/session', { headers: { accept: 'application/json' }, cache: 'no-store' })
    // Whoever takes it hears of a failure; nobody else needs to.
    globalThis.spotterSession.catch(() => {})
  }
})()
