// Documents of workflows as text: checked, made and changed.
import { button, dialog, form } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { drawGraph } from '../../graph/drawing.js'
import { jsonField } from '../shared/json-field.js'

const beginning = {
  name: 'Call back', variables: { name: { type: 'string', default: 'the lead' } },
  nodes: [{ id: 'pause', type: 'wait', config: { duration_ms: 60000 } },
    { id: 'call', type: 'human_approval', config: { message: 'Call {{vars.name}} back?' } }],
  edges: [{ from: 'pause', to: 'call' }],
}

/** A place to paste a document and see whether it could be kept, and what it looks like. */
export function checkBox(ctx) {
  const result = h('div', { class: 'stack', 'aria-live': 'polite' })
  return h('div', { class: 'stack' }, form({
    submit: 'Check', class: 'document-form',
    fields: [jsonField({ name: 'document', label: 'Document', rows: 16, required: true, pointer: '-', hint: 'JSON of a workflow: name, nodes, edges.' })],
    onsubmit: async ({ document }) => replace(result, await judged(ctx, document)),
  }), result)
}

/** What the server says of a document, with its picture where it can be drawn. */
async function judged(ctx, document) {
  const answer = await check(ctx, document)
  const picture = canBeDrawn(document) && drawGraph({ nodes: document.nodes, edges: document.edges ?? [], label: String(document.name ?? 'Workflow') }).element
  if (answer.valid) return [h('p', { class: 'notice good', role: 'status' }, 'It is fine.'), picture]
  return [issueList(answer.issues, document), picture]
}

async function check(ctx, document) {
  try {
    return await ctx.api.post('/v1/workflows/validate', document)
  } catch (error) {
    // Mistakes of form come as a problem, the others as an answer: to whoever reads them they are the same.
    if (!error.errors?.length) throw error
    return { valid: false, issues: error.errors }
  }
}

function issueList(issues, document) {
  return h('div', { class: 'notice bad' }, h('p', h('strong', `${issues.length === 1 ? 'One thing is' : `${issues.length} things are`} wrong:`)),
    h('ul', { class: 'issues' }, issues.map((issue) => h('li', h('code', issue.pointer || '/'), ` ${issue.message}`,
      valueAt(document, issue.pointer) !== undefined && h('code', { class: 'issue-value' }, JSON.stringify(valueAt(document, issue.pointer)).slice(0, 120))))))
}

/** What a JSON pointer points to; undefined where that is nothing. */
export function valueAt(document, pointer) {
  if (!pointer) return undefined
  let value = document
  for (const part of pointer.split('/').slice(1)) {
    if (value === null || typeof value !== 'object') return undefined
    value = value[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return value
}

function canBeDrawn(document) {
  const isNamed = (node) => typeof node?.id === 'string' && typeof node?.type === 'string'
  return Array.isArray(document?.nodes) && document.nodes.length > 0 && document.nodes.every(isNamed)
    && (document.edges ?? []).every?.((edge) => typeof edge?.from === 'string' && typeof edge?.to === 'string')
}

/** Makes a workflow of a document, or another version of one. Gives it; undefined where nothing was saved. */
export function editDocument(ctx, workflow, etag) {
  const result = h('div', { class: 'stack', 'aria-live': 'polite' })
  const text = jsonField({ name: 'document', label: 'Document', rows: 18, required: true, pointer: '-', value: workflow ? plain(workflow) : beginning })
  return dialog({ title: workflow ? `Change ${workflow.name}` : 'New workflow', size: 'large', content: (close) => form({
    submit: workflow ? 'Save as a new version' : 'Create', oncancel: () => close(undefined),
    actions: button('Check', { onclick: async () => {
      try {
        replace(result, await judged(ctx, text.read()))
      } catch (error) {
        replace(result, h('p', { class: 'field-error' }, error.message))
      }
    } }),
    fields: [text, result],
    onsubmit: async ({ document }) => {
      try {
        close(workflow ? await ctx.api.put(ctx.api.path`/v1/workflows/${workflow.id}`, document, { etag })
          : await ctx.api.post('/v1/workflows', document))
        ctx.toast('Saved.')
      } catch (error) {
        if (!error.errors?.length) throw error
        replace(result, issueList(error.errors, document))
      }
    },
  }) }).closed
}

/** The document of a workflow, without what the server adds. */
function plain({ name, description, variables, nodes, edges, timeout_ms: timeout, max_parallel: parallel }) {
  return JSON.parse(JSON.stringify({ name, description, variables, nodes, edges, timeout_ms: timeout, max_parallel: parallel }))
}
