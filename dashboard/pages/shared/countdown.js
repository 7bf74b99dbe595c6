// How long there is until a moment, counted down in place.
import { h } from '../../dom.js'
import { duration, exactTime } from '../../format.js'

/** `4 min 10 s left`; calls `onend` when the time is up. It stops by itself when it is taken out of the page. */
export function countdown(until, { label = 'left', over = 'The time is up', onend } = {}) {
  const node = h('time', { datetime: until, title: exactTime(until), class: 'countdown' })
  const end = new Date(until).getTime()
  let wasShown = false
  const show = () => {
    if (node.isConnected) wasShown = true
    else if (wasShown) return
    const left = end - Date.now()
    if (left <= 0) {
      node.textContent = over
      node.classList.add('is-over')
      onend?.()
      return
    }
    node.classList.toggle('is-near', left < 300_000)
    node.textContent = `${duration(Math.ceil(left / 1000) * 1000)} ${label}`
    setTimeout(show, left > 3_660_000 ? 30_000 : 1000)
  }
  show()
  return node
}
