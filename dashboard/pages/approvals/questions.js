// The questions of runs that wait for an answer.
import { h } from '../../dom.js'
import { questionBox } from '../executions/questions.js'
import { title } from '../executions/list.js'
import { link } from '../shared/names.js'

/** Every open question of the newest hundred waiting runs: `[{ id, node }]`. */
export async function openQuestions(ctx, agents, workflows) {
  const { data: runs } = await ctx.api.list('/v1/executions', { state: 'waiting', limit: 100 }, { signal: ctx.signal })
  const found = []
  // A few at a time: each journal is a request.
  for (let start = 0; start < runs.length; start += 8) {
    await Promise.all(runs.slice(start, start + 8).map(async (run) => {
      const { data: steps } = await ctx.api.get(ctx.api.path`/v1/executions/${run.id}/steps`, null, { signal: ctx.signal })
      for (const step of steps) {
        if (step.kind !== 'input' || step.state !== 'waiting') continue
        found.push({ id: step.id, at: step.started_at, get node() {
          const box = questionBox(ctx, run, step)
          box.querySelector('h3').replaceChildren(`${title(run, agents, workflows)} asks`)
          box.querySelector('h3').tabIndex = -1
          box.append(h('p', { class: 'muted' }, link(`/executions/${run.id}`, 'Show the run')))
          return box
        } })
      }
    }))
  }
  return found.sort((one, other) => one.at.localeCompare(other.at))
}
