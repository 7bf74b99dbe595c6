// The graph of a workflow's run, with the states of its nodes as they change.
import { card } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { drawGraph } from '../../graph/drawing.js'

/** `{ node, name, update(run) }`; `name` is the workflow's, once it is known. The graph is that of the version which the run began with. */
export function runGraph(ctx, address) {
  const place = h('div', h('p', { class: 'muted' }, 'It can be drawn when it has begun.'))
  const said = h('p', { class: 'muted', role: 'status' })
  const node = card({ title: 'Graph' }, said, place)
  let drawing = null
  const draw = async () => {
    const document = await ctx.api.get(`${address}/graph`, { format: 'json' }, { signal: ctx.signal })
    drawing = { ...drawGraph({ ...document, label: document.name }), name: document.name }
    replace(place, drawing.element)
  }
  const update = async (run) => {
    if (!run.flow) return
    if (!drawing) {
      try {
        await draw()
      } catch (error) {
        if (error.status !== 409) throw error
        return
      }
    }
    drawing.setStates(Object.fromEntries(run.flow.nodes.map((item) => [item.id, item.state])))
    const names = new Map(run.flow.nodes.map((item) => [item.id, item.name]))
    const now = run.flow.current_nodes.map((id) => names.get(id) ?? id)
    const text = now.length > 0 && !run.completed_at ? `Now at: ${now.join(', ')}` : `${run.flow.percentage} % done`
    if (said.textContent !== text) replace(said, text)
  }
  return { node, update, get name() { return drawing?.name } }
}
