// Fields for the variables of a workflow.
import { field } from '../../components/index.js'
import { jsonField } from '../shared/json-field.js'

/**
 * A field for each variable; `pointer` is where the server complains of them. `isStart` asks for those that a run must have.
 */
export function variableFields(variables, { pointer, isStart = false }) {
  const names = Object.keys(variables).sort((one, other) => weight(variables[other]) - weight(variables[one]) || one.localeCompare(other))
  return names.map((name) => variableField(name, variables[name], `${pointer}/${name}`, isStart))
}

function weight(variable) { return variable.required ? 1 : 0 }

function variableField(name, variable, pointer, isStart) {
  const shared = { name, label: name, pointer, hint: variable.description, required: isStart && Boolean(variable.required) }
  const standard = variable.default
  if (variable.values) {
    return field({ ...shared, type: 'select', value: standard ?? '', options: ['', ...variable.values].map((value) => ({ value, label: value || 'As it is' })) })
  }
  switch (variable.type) {
    case 'boolean': return field({ ...shared, required: false, type: 'select', value: standard === undefined ? '' : String(standard),
      options: [{ value: '', label: 'As it is' }, { value: 'true', label: 'Yes' }, { value: 'false', label: 'No' }] })
    case 'integer': return field({ ...shared, type: 'number', step: 1, value: standard })
    case 'number': return field({ ...shared, type: 'number', step: 'any', value: standard })
    case 'array': case 'object': return jsonField({ ...shared, rows: 3, value: standard })
    default: return field({ ...shared, value: standard })
  }
}

/** What was filled in, in the types of the variables; what was left empty is left out. */
export function variableValues(variables, values) {
  const given = Object.entries(values).filter(([, value]) => value !== '' && value !== null && value !== undefined)
  return Object.fromEntries(given.map(([name, value]) => [name, variables[name].type === 'boolean' ? value === 'true' : value]))
}
