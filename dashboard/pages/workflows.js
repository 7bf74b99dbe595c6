// Graphs of work: a list with templates, and each workflow with its picture and versions.
import { showWorkflow } from './workflows/detail.js'
import { showWorkflows } from './workflows/list.js'

export default {
  title: 'Workflows',
  path: '/workflows/{id?}',
  render: (root, ctx) => (ctx.params.id ? showWorkflow(root, ctx) : showWorkflows(root, ctx)),
}
