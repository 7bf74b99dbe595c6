// All workflows, and the templates to begin with.
import { button, card, empty, filterBar, moment, pageHead, search, table, tabs, tag } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { number } from '../../format.js'
import { instantiate } from './instantiate.js'
import { checkBox, editDocument } from './document.js'

export async function showWorkflows(root, ctx) {
  let words = ctx.params.q ?? ''
  const list = table({
    label: 'Workflows', rowHref: (workflow) => `#/workflows/${workflow.id}`,
    columns: [
      { id: 'name', label: 'Workflow', width: 'minmax(0, 2fr)', render: (workflow) => h('span', { class: 'clip', title: workflow.name }, workflow.name) },
      { id: 'text', label: 'What it does', width: 'minmax(0, 3fr)', hide: 'phone', render: (workflow) => h('span', { class: 'clip' }, workflow.description ?? '') },
      { id: 'nodes', label: 'Nodes', width: '5rem', align: 'end', render: (workflow) => number(workflow.nodes_total) },
      { id: 'version', label: 'Version', width: '5.5rem', align: 'end', hide: 'phone', render: (workflow) => number(workflow.version) },
      { id: 'changed', label: 'Changed', width: '9rem', hide: 'phone', render: (workflow) => moment(workflow.updated_at) },
    ],
    load: (after) => ctx.api.list('/v1/workflows', { q: words, limit: 100, after }, { signal: ctx.signal }),
    emptyState: () => (words ? empty('No workflow fits', { text: 'Try other words.' })
      : empty('No workflows yet', { icon: 'workflows', text: 'Begin with a template, or with a document of your own.',
        action: button('See the templates', { onclick: () => views.select('templates') }) })),
  })
  const create = async () => {
    const made = await editDocument(ctx)
    if (made) ctx.navigate(`/workflows/${made.id}`)
  }
  const mayWrite = ctx.may('workflows:write')
  const views = tabs({ label: 'Workflows', selected: ctx.params.tab ?? 'list',
    onselect: (tab) => ctx.setQuery({ tab: tab === 'list' ? '' : tab }),
    items: [
      { id: 'list', label: 'Workflows', render: () => [filterBar(search({ label: 'Search workflows', value: words, oninput: (text) => {
        words = text
        ctx.setQuery({ q: text })
        list.reload()
      } })), list] },
      { id: 'templates', label: 'Templates', render: () => templates(ctx, mayWrite) },
      { id: 'check', label: 'Check a document', render: () => checkBox(ctx) },
    ] })
  replace(root, pageHead('Workflows', { text: 'Graphs of work: agents, tools, decisions and people, one after the other or side by side.',
    actions: mayWrite && [button('New workflow', { kind: 'primary', icon: 'plus', onclick: create })] }), views)
}

async function templates(ctx, mayWrite) {
  const { data } = await ctx.api.list('/v1/workflow-templates', null, { signal: ctx.signal })
  return h('div', { class: 'grid-cards' }, data.map((template) => card({
    title: template.title, level: 3,
    actions: mayWrite && [button('Use it', { 'aria-label': `Use ${template.title}`, onclick: async () => {
      const made = await instantiate(ctx, template)
      if (made) ctx.navigate(`/workflows/${made.id}`)
    } })],
  }, h('p', template.description), h('p', { class: 'muted cluster' }, tag(template.pack), `${number(template.nodes_total)} nodes`,
    template.on.length > 0 && tag(`begins on ${template.on.map((trigger) => trigger.event).join(', ')}`)))))
}
