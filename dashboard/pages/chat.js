// All conversations, and one of them in full.
import { api } from '../api.js'
import { avatar, button, confirm, dialog, empty, failure, field, form, iconButton, loading, moment, search, toast } from '../components/index.js'
import { debounce, h, replace } from '../dom.js'
import { Thread } from '../chat/thread.js'

export default {
  title: 'Chat',
  async render(root, ctx) {
    const agents = new Map((await api.all('/v1/agents', {}, 400)).map((agent) => [agent.id, agent]))
    const list = h('ul', { class: 'conversation-list', 'aria-label': 'Conversations' })
    const more = h('div', { class: 'cluster' })
    const right = h('div', { class: 'chat-main' })
    let conversations = []
    let next = null
    let words = ''
    let thread = null
    let current = ctx.params.id ?? null
    let turn = 0

    const paint = () => {
      replace(list, conversations.map((one) => h('li', h('a', { href: `#/chat/${one.id}`, 'aria-current': one.id === current ? 'page' : null },
        avatar(agents.get(one.agent_id)?.name ?? '?', 36),
        h('span', { class: 'conversation-text' }, h('span', { class: 'clip' }, one.title),
          h('span', { class: 'muted small clip' }, agents.get(one.agent_id)?.name ?? 'An agent that is gone', ' · ', moment(one.last_message_at ?? one.created_at)))))),
      conversations.length === 0 && h('li', empty(words ? 'Nothing fits the search' : 'No conversations yet', { icon: 'chat' })))
      replace(more, next && button('Show more', { class: 'small', onclick: () => load(next) }))
    }

    const load = async (after = null) => {
      turn += 1
      const mine = turn
      try {
        const page = await api.list('/v1/conversations', { q: words, limit: 40, after }, { signal: ctx.signal })
        if (mine !== turn) return
        conversations = after ? conversations.concat(page.data) : page.data
        next = page.next_cursor
        paint()
      } catch (error) {
        if (mine === turn && error.name !== 'AbortError') replace(list, h('li', failure(error, () => load())))
      }
    }

    const show = async (agent, conversation) => {
      thread?.stop()
      thread = new Thread({ ctx, agent, conversation, onchange: (fresh) => {
        if (fresh && fresh.id !== current) {
          current = fresh.id
          history.replaceState(null, '', `#/chat/${fresh.id}`)
          replace(title, head(agent, fresh))
        }
        load()
      } })
      const title = h('div', { class: 'chat-place-head' })
      replace(title, head(agent, conversation))
      replace(right, title, thread.node)
      await thread.start()
      thread.focus()
    }

    const head = (agent, conversation) => [
      h('a', { class: 'back phone-only', href: '#/chat' }, 'All conversations'),
      h('div', { class: 'chat-head' }, avatar(agent.name, 40), h('div', { class: 'chat-title' },
        h('h2', conversation?.title ?? 'New conversation'), h('p', { class: 'muted small' }, h('a', { href: `#/agents/${agent.id}` }, agent.name), ` · ${agent.model}`)),
      conversation && ctx.may('conversations:write') && [
        iconButton('edit', 'Rename the conversation', { onclick: () => rename(conversation, agent) }),
        iconButton('trash', 'Delete the conversation', { onclick: () => remove(conversation) })])]

    const rename = async (known, agent) => {
      const { data, etag } = await api.read(api.path`/v1/conversations/${known.id}`)
      const opened = dialog({
        title: 'Rename', size: 'small', content: (close) => form({
          fields: [field({ name: 'title', label: 'Title', required: true, maxlength: 200, value: data.title })], submit: 'Rename',
          onsubmit: async (values) => close(await api.patch(api.path`/v1/conversations/${known.id}`, values, { etag })), oncancel: () => close(),
        }),
      })
      const fresh = await opened.closed
      if (!fresh) return
      toast('Renamed.')
      replace(right.querySelector('.chat-place-head'), head(agent, fresh))
      await load()
    }

    const remove = async (known) => {
      if (!await confirm({ title: 'Delete this conversation?', text: 'Its messages are gone for everybody. What it cost stays in the accounts.', action: 'Delete', danger: true })) return
      try {
        await api.delete(api.path`/v1/conversations/${known.id}`)
        toast('Deleted.')
        ctx.navigate('/chat')
      } catch (error) {
        toast.error(error)
      }
    }

    const begin = () => {
      const opened = dialog({
        title: 'Whom do you want to talk to?', content: (close) => h('ul', { class: 'agent-choice' }, [...agents.values()].filter((agent) => agent.enabled).map((agent) => h('li',
          h('button', { type: 'button', onclick: () => close(agent) }, avatar(agent.name, 40), h('span', h('strong', agent.name), h('span', { class: 'muted small' }, agent.description ?? '')))))),
      })
      opened.closed.then((agent) => { if (agent) ctx.navigate(`/chat?agent=${agent.id}`) })
    }

    root.classList.add('wide')
    replace(root, h('h1', { class: 'visually-hidden', tabindex: '-1' }, 'Chat'),
      h('div', { class: ['chat-layout', (current || ctx.params.agent) && 'has-thread'] },
        h('aside', { class: 'chat-side', 'aria-label': 'Conversations' },
          h('div', { class: 'spread' }, h('h2', 'Conversations'), ctx.may('conversations:write') && button('New', { kind: 'primary', icon: 'plus', class: 'small', onclick: begin })),
          search({ label: 'Search titles and messages', oninput: (text) => {
            words = text
            load()
          } }), list, more), right))
    replace(right, loading())
    const refresh = debounce(() => load(), 500)
    ctx.on(['message.completed'], refresh)
    await load()
    if (current) {
      const conversation = await api.get(api.path`/v1/conversations/${current}`)
      const agent = agents.get(conversation.agent_id) ?? { id: conversation.agent_id, name: 'An agent that is gone', model: '', enabled: false }
      show(agent, conversation).catch(toast.error)
    } else if (agents.has(ctx.params.agent)) show(agents.get(ctx.params.agent), null).catch(toast.error)
    else replace(right, empty('Choose a conversation', { icon: 'chat', text: 'Or begin a new one.', action: ctx.may('conversations:write') && button('New conversation', { kind: 'primary', icon: 'plus', onclick: begin }) }))
    return () => thread?.stop()
  },
}
