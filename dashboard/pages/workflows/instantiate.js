// Making a workflow of a template.
import { dialog, field, form, group } from '../../components/index.js'
import { h } from '../../dom.js'
import { variableFields, variableValues } from './variables.js'

/** Asks for a name and what its variables begin with. Gives the workflow; undefined where none was made. */
export function instantiate(ctx, template) {
  const fields = variableFields(template.variables, { pointer: '/variables' })
  return dialog({ title: `New workflow: ${template.title}`, size: 'large', content: (close) => form({
    submit: 'Create', oncancel: () => close(undefined),
    fields: [
      field({ name: '_name', label: 'Name', pointer: '/name', value: template.title, required: true, maxlength: 200 }),
      template.on.length > 0 && field({ name: '_triggers', label: `Begins by itself on ${template.on.map((trigger) => trigger.event).join(', ')}`,
        type: 'checkbox', value: true, pointer: '/triggers' }),
      fields.length > 0 && group('What its variables begin with', fields),
    ],
    onsubmit: async ({ _name, _triggers, ...values }) => {
      const made = await ctx.api.post(ctx.api.path`/v1/workflow-templates/${template.name}/instantiate`,
        { name: _name, triggers: _triggers ?? false, variables: variableValues(template.variables, values) })
      ctx.toast(`${made.name} is there.`)
      close(made)
    },
  }) }).closed
}
