// One workflow: its picture, its nodes, its versions; and starting it.
import { button, card, details, dialog, field, form, json, moment, pageHead, table, tabs } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { number, words } from '../../format.js'
import { drawGraph } from '../../graph/drawing.js'
import { jsonField } from '../shared/json-field.js'
import { zonedTime } from '../shared/zoned.js'
import { editDocument } from './document.js'
import { variableFields, variableValues } from './variables.js'

export async function showWorkflow(root, ctx) {
  const address = ctx.api.path`/v1/workflows/${ctx.params.id}`
  let workflow
  let etag
  const read = async () => {
    ({ data: workflow, etag } = await ctx.api.read(address, null, { signal: ctx.signal }))
    show()
  }
  const edit = async () => { if (await editDocument(ctx, workflow, etag)) await read() }
  const remove = async () => {
    const isSure = await ctx.confirm({ title: `Delete ${workflow.name}?`, text: 'Runs that have begun go on.', action: 'Delete', danger: true })
    if (!isSure) return
    try {
      await ctx.api.delete(address, { etag })
      ctx.toast(`${workflow.name} is deleted.`)
      ctx.navigate('/workflows')
    } catch (error) {
      ctx.toast.error(error)
    }
  }
  const show = () => {
    ctx.setTitle(workflow.name)
    const mayWrite = ctx.may('workflows:write')
    const node = h('div', { class: 'node-facts', role: 'status' })
    const choose = (id) => replace(node, nodeFacts(workflow.nodes.find((item) => item.id === id)))
    replace(root, pageHead(workflow.name, { back: { href: '#/workflows', label: 'Workflows' }, text: workflow.description,
      actions: [ctx.may('executions:write') && button('Start', { kind: 'primary', icon: 'play', onclick: () => start(ctx, workflow) }),
        mayWrite && button('Edit', { icon: 'edit', onclick: edit }),
        mayWrite && button('Delete', { kind: 'danger', icon: 'trash', onclick: remove })].filter(Boolean) }),
    tabs({ label: workflow.name, items: [
      { id: 'picture', label: 'Picture', render: () => card({}, drawGraph({ nodes: workflow.nodes, edges: workflow.edges,
        label: workflow.name, onSelect: choose }).element, h('p', { class: 'muted' }, 'Choose a node to see what it does.'), node) },
      { id: 'variables', label: 'Variables', render: () => variableTable(workflow.variables) },
      { id: 'document', label: 'Document', render: () => json(workflow) },
      { id: 'versions', label: `Versions (${number(workflow.version)})`, render: () => versions(ctx, address, workflow, mayWrite, read) },
    ] }))
  }
  await read()
}

function nodeFacts(node) {
  return card({ title: node.name ?? node.id, level: 3 }, h('p', { class: 'muted' }, `${words(node.type)}, id `, h('code', node.id)),
    node.config ? json(node.config) : h('p', 'It needs no settings.'))
}

function variableTable(variables) {
  const names = Object.keys(variables)
  if (names.length === 0) return h('p', { class: 'muted' }, 'It has no variables.')
  return h('div', { class: 'scroll-x' }, h('table', { class: 'plain-table' }, h('caption', { class: 'visually-hidden' }, 'Variables'),
    h('thead', h('tr', ['Name', 'Type', 'Begins with', 'Meaning'].map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', names.map((name) => h('tr', h('th', { scope: 'row' }, h('code', name)),
      h('td', `${variables[name].type}${variables[name].required ? ', required' : ''}`),
      h('td', variables[name].default === undefined ? '–' : h('code', JSON.stringify(variables[name].default))),
      h('td', variables[name].description ?? ''))))))
}

/** Asks for the input, and starts a run. */
function start(ctx, workflow) {
  const names = Object.keys(workflow.variables)
  const more = jsonField({ name: '_more', label: 'Other input', pointer: '/input', rows: 3, hint: 'JSON: an object. May be left out.' })
  return dialog({ title: `Start ${workflow.name}`, size: names.length > 4 ? 'large' : '', content: (close) => form({
    submit: 'Start', oncancel: () => close(),
    fields: [variableFields(workflow.variables, { pointer: '/input', isStart: true }),
      details('More', more, field({ name: '_priority', label: 'Priority', type: 'select', value: 'medium', pointer: '/priority',
        options: ['critical', 'high', 'medium', 'low'].map((value) => ({ value, label: words(value) })) }),
      field({ name: '_deadline', label: 'Must end by', type: 'datetime-local', pointer: '/deadline' }))],
    onsubmit: async ({ _more, _priority, _deadline, ...values }) => {
      const deadline = zonedTime(_deadline)
      const run = await ctx.api.post(ctx.api.path`/v1/workflows/${workflow.id}/executions`, {
        input: { ..._more, ...variableValues(workflow.variables, values) }, priority: _priority, ...(deadline ? { deadline } : {}) })
      close()
      ctx.navigate(`/executions/${run.execution_id}`)
    },
  }) })
}

function versions(ctx, address, workflow, mayWrite, done) {
  const back = async (version) => {
    const isSure = await ctx.confirm({ title: `Back to version ${version}?`, action: 'Go back',
      text: 'It becomes a new version. What runs keeps the version it began with.' })
    if (!isSure) return
    try {
      await ctx.api.post(`${address}/rollback`, { version })
      ctx.toast(`Version ${version} is the newest again.`)
      await done()
    } catch (error) {
      ctx.toast.error(error)
    }
  }
  return table({
    label: 'Versions', key: (row) => row.version,
    columns: [
      { id: 'version', label: 'Version', width: '6rem', render: (row) => number(row.version) },
      { id: 'name', label: 'Name', width: 'minmax(0, 2fr)', render: (row) => h('span', { class: 'clip' }, row.definition.name) },
      { id: 'nodes', label: 'Nodes', width: '5rem', align: 'end', render: (row) => number(row.definition.nodes.length) },
      { id: 'at', label: 'Made', width: '9rem', hide: 'phone', render: (row) => moment(row.created_at) },
      { id: 'do', label: '', width: '13rem', align: 'end', render: (row) => [
        button('Show', { kind: 'quiet', onclick: () => showVersion(row) }),
        mayWrite && row.version !== workflow.version && button('Go back', { onclick: () => back(row.version) })] },
    ],
    load: (after) => ctx.api.list(`${address}/versions`, { limit: 50, after }, { signal: ctx.signal }),
  })
}

function showVersion(row) {
  dialog({ title: `Version ${row.version}`, size: 'large', content: () => [
    drawGraph({ nodes: row.definition.nodes, edges: row.definition.edges, label: `Version ${row.version}` }).element,
    details('Document', json(row.definition))] })
}
