// What keeps a page fresh while things happen, without asking again and again.

/**
 * Calls `work(events)` soon after events of these types, with all that came meanwhile, and once with none when the stream
 * is back after a break. `wants(event)` leaves some out. Gives a function that stops it.
 */
export function live(ctx, types, work, { wants = () => true, pause = 250 } = {}) {
  let waiting = []
  let timer = null
  let isBusy = false
  let wasBroken = false
  let isOver = false
  const run = async () => {
    timer = null
    if (isBusy || isOver) return
    isBusy = true
    const events = waiting
    waiting = []
    try {
      await work(events)
    } catch (error) {
      // The page still shows what it knew; what comes next brings it up to date.
      if (error.name !== 'AbortError') console.warn(error)
    } finally {
      isBusy = false
      if (waiting.length && !isOver) soon()
    }
  }
  const soon = () => { timer ??= setTimeout(run, pause) }
  const stops = [
    ctx.events.on(types, (event) => {
      if (!wants(event)) return
      waiting.push(event)
      soon()
    }),
    ctx.events.onState((state) => {
      if (state === 'broken') wasBroken = true
      if (state === 'live' && wasBroken) {
        wasBroken = false
        soon()
      }
    }),
  ]
  return () => {
    isOver = true
    clearTimeout(timer)
    for (const stop of stops) stop()
  }
}

/** One function that calls all of these. */
export function together(...stops) {
  return () => { for (const stop of stops.flat()) stop?.() }
}

/** What somebody presses at this moment. */
let pressed = null
/** What is to be rendered anew as soon as it is let go: of each place, the newest. */
const postponed = new Map()

function letGo() {
  pressed = null
  const due = [...postponed]
  postponed.clear()
  for (const [node, work] of due) keepingFocus(node, work)
}

addEventListener('pointerdown', (event) => { pressed = event.target }, true)
// The click comes first.
for (const name of ['pointerup', 'pointercancel']) addEventListener(name, () => setTimeout(letGo), true)

/**
 * Renders anew without taking the focus away: what had it is found again by its `data-focus`, its id, or its name. And
 * without taking away what is being pressed: a button that is replaced before it is let go hears of no click.
 */
export function keepingFocus(node, work) {
  if (pressed && node.contains(pressed)) {
    postponed.set(node, work)
    return
  }
  const active = node.contains(document.activeElement) ? document.activeElement : null
  const mark = active && (active.dataset.focus ? `[data-focus="${CSS.escape(active.dataset.focus)}"]` : active.id
    ? `#${CSS.escape(active.id)}` : null)
  const opened = [...node.querySelectorAll('details[open][data-focus]')].map((item) => item.dataset.focus)
  work()
  for (const name of opened) {
    node.querySelector(`details[data-focus="${CSS.escape(name)}"]`)?.setAttribute('open', '')
  }
  if (mark) node.querySelector(mark)?.focus()
}
