// What can be done with a task.
import { button, iconButton } from '../../components/index.js'

/** A button that runs the task now, whatever its schedule says. */
export function runNow(ctx, task, { isSmall = false } = {}) {
  const node = isSmall ? iconButton('play', `Run ${task.title} now`, { onclick: run })
    : button('Run now', { kind: 'primary', icon: 'play', onclick: run })
  async function run() {
    node.disabled = true
    try {
      await ctx.api.post(ctx.api.path`/v1/tasks/${task.id}/execute`, {})
      ctx.toast(`${task.title} is on its way.`)
    } catch (error) {
      ctx.toast.error(error)
    } finally {
      node.disabled = false
    }
  }
  return node
}

/** A button that keeps the task from running by itself, or lets it again; nothing where it never does. */
export function pauseSchedule(ctx, task, done) {
  if (!task.schedule && !task.run_at) return null
  return button(task.enabled ? 'Pause schedule' : 'Resume schedule', {
    icon: task.enabled ? 'pause' : 'play',
    onclick: async () => {
      try {
        await ctx.api.patch(ctx.api.path`/v1/tasks/${task.id}`, { enabled: !task.enabled })
        ctx.toast(task.enabled ? 'It does not run by itself any more.' : 'It runs by itself again.')
        await done()
      } catch (error) {
        ctx.toast.error(error)
      }
    },
  })
}

/** Deletes the task if whoever is asked says so; whether it was. */
export async function deleteTask(ctx, task) {
  const isSure = await ctx.confirm({ title: `Delete ${task.title}?`, action: 'Delete', danger: true,
    text: 'Runs that have not begun are cancelled. The history of its runs stays.' })
  if (!isSure) return false
  try {
    await ctx.api.delete(ctx.api.path`/v1/tasks/${task.id}`)
    ctx.toast(`${task.title} is deleted.`)
    return true
  } catch (error) {
    ctx.toast.error(error)
    return false
  }
}
