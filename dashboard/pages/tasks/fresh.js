// Which tasks are others now, by what has happened.

/** The most tasks that are read one by one; of more, the newest page is read. */
const most = 40

/** What tells of a task itself rather than of a run. */
export const ofTasks = ['task.created', 'task.changed', 'task.deleted', 'task.scheduled']

/** The ids of the tasks that were deleted. */
export function deletedTasks(events) {
  return events.filter((event) => event.type === 'task.deleted').map((event) => event.data.task_id)
}

/** The tasks that these events are about, as they are now. */
export async function changedTasks(ctx, events, known) {
  const byRun = new Map(known.map((task) => [task.last_execution_id, task.id]))
  const ids = new Set()
  const runs = new Set()
  for (const event of events) {
    if (ofTasks.includes(event.type)) ids.add(event.data.task_id)
    else if (byRun.has(event.execution_id)) ids.add(byRun.get(event.execution_id))
    else if (isOfTask(event)) runs.add(event.execution_id)
  }
  for (const id of deletedTasks(events)) ids.delete(id)
  if (ids.size + runs.size > most) return (await ctx.api.list('/v1/tasks', { limit: 200 }, { signal: ctx.signal })).data
  await Promise.all([...runs].map(async (id) => {
    const run = await quiet(ctx.api.get(ctx.api.path`/v1/executions/${id}`, null, { signal: ctx.signal }))
    if (run?.task_id) ids.add(run.task_id)
  }))
  const tasks = await Promise.all([...ids].map((id) =>
    quiet(ctx.api.get(ctx.api.path`/v1/tasks/${id}`, null, { signal: ctx.signal }))))
  return tasks.filter(Boolean)
}

/** Whether an event may be of a task's run: those that begin a run say of what kind it is. */
function isOfTask(event) {
  return Boolean(event.execution_id) && (!event.data.kind || ['task', 'autonomous'].includes(event.data.kind))
    && ['execution.queued', 'execution.started'].includes(event.type)
}

/** Nothing where it is gone meanwhile. */
async function quiet(asked) {
  try {
    return await asked
  } catch (error) {
    if (error.status === 404) return null
    throw error
  }
}
