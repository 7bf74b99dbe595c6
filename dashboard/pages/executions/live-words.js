// What an agent thinks and says while it does.
import { h, perFrame, replace } from '../../dom.js'

/** Longer texts lose their beginning here; the steps below keep all of it. */
const longest = 8000

/** `{ node, add(event), end() }`: the texts of thinking.delta and message.delta events as they come. */
export function liveWords() {
  const texts = { thinking: '', message: '' }
  const thinking = h('pre', { class: 'live-text muted' })
  const message = h('pre', { class: 'live-text' })
  const node = h('section', { class: 'card live-words', hidden: true, 'aria-label': 'What it says now' },
    h('h2', 'Just now'), h('div', { class: 'live-scroll', tabindex: '0' }, thinking, message))
  const show = perFrame(() => {
    replace(thinking, texts.thinking)
    replace(message, texts.message)
    thinking.hidden = !texts.thinking
    message.hidden = !texts.message
    node.hidden = !texts.thinking && !texts.message
    const scroller = node.lastChild
    scroller.scrollTop = scroller.scrollHeight
  })
  const clear = () => {
    texts.thinking = ''
    texts.message = ''
    show()
  }
  return {
    node,
    add: (event) => {
      if (event.type === 'message.completed') return clear()
      const name = event.type === 'thinking.delta' ? 'thinking' : 'message'
      texts[name] = (texts[name] + (event.data.text ?? '')).slice(-longest)
      return show()
    },
    end: clear,
  }
}
