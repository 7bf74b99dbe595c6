// Markdown as nodes. HTML in it stays text, links go to web and mail addresses only, and pictures become links: whatever a
// model or a stranger writes, the page runs none of it and asks nobody for anything.
import { h, isSafeAddress } from './dom.js'
import { copyButton } from './components/basics.js'
import { highlight } from './highlight.js'

const deepest = 8
const longest = 200_000

/** The text as nodes in a `div.prose`. */
export function markdown(text) {
  const whole = String(text ?? '')
  const lines = whole.slice(0, longest).replace(/\r\n?/g, '\n').split('\n')
  return h('div', { class: 'prose' }, blocks(lines, 0), whole.length > longest && h('p', whole.slice(longest)))
}

// MARK: Blocks

const fence = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/
const heading = /^ {0,3}(#{1,6})(?:\s|$)/
const rule = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/
const quote = /^ {0,3}> ?/
const bullet = /^( {0,3})([-*+]|\d{1,9}[.)])(?:(\s+)(.*)|\s*)$/
const delimiter = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/

function blocks(lines, depth) {
  const nodes = []
  let at = 0
  while (at < lines.length) {
    const line = lines[at]
    if (line.trim() === '') {
      at += 1
      continue
    }
    const block = depth < deepest ? readBlock(lines, at, depth) : null
    const [node, next] = block ?? paragraph(lines, at, depth)
    nodes.push(node)
    at = next
  }
  return nodes
}

function readBlock(lines, at, depth) {
  const line = lines[at]
  if (fence.test(line)) return codeBlock(lines, at)
  const head = heading.exec(line)
  // A message's headings stand below those of the page.
  if (head) return [h(`h${Math.min(6, head[1].length + 2)}`, inline(line.slice(head[0].length).trim())), at + 1]
  if (rule.test(line)) return [h('hr'), at + 1]
  if (quote.test(line)) return quoteBlock(lines, at, depth)
  if (bullet.test(line)) return list(lines, at, depth)
  if (line.includes('|') && at + 1 < lines.length && delimiter.test(lines[at + 1]) && lines[at + 1].includes('-')) {
    return tableBlock(lines, at)
  }
  if (/^( {4}|\t)/.test(line)) return indentedCode(lines, at)
  return null
}

function codeBlock(lines, at) {
  const [, marks, language] = fence.exec(lines[at])
  const indent = lines[at].match(/^ */)[0].length
  const content = []
  let next = at + 1
  const end = new RegExp(`^ {0,3}\\${marks[0]}{${marks.length},}\\s*$`)
  while (next < lines.length && !end.test(lines[next])) {
    content.push(lines[next].slice(Math.min(indent, lines[next].match(/^ */)[0].length)))
    next += 1
  }
  return [codeNode(content.join('\n'), language), next + 1]
}

function indentedCode(lines, at) {
  const content = []
  let next = at
  while (next < lines.length && (/^( {4}|\t)/.test(lines[next]) || lines[next].trim() === '')) {
    content.push(lines[next].replace(/^( {4}|\t)/, ''))
    next += 1
  }
  return [codeNode(content.join('\n').replace(/\n+$/, ''), ''), next]
}

function codeNode(text, language) {
  return h('div', { class: 'code-block' }, copyButton(text, 'Copy the code'),
    language && h('span', { class: 'code-language' }, language),
    h('pre', { tabindex: '0', 'aria-label': language ? `Code, ${language}` : 'Code' }, h('code', highlight(text, language))))
}

function quoteBlock(lines, at, depth) {
  const inside = []
  let next = at
  while (next < lines.length && (quote.test(lines[next]) || (lines[next].trim() !== '' && !startsBlock(lines[next])))) {
    inside.push(lines[next].replace(quote, ''))
    next += 1
  }
  return [h('blockquote', blocks(inside, depth + 1)), next]
}

function list(lines, at, depth) {
  const first = bullet.exec(lines[at])
  const isOrdered = /\d/.test(first[2])
  const items = []
  let next = at
  let isLoose = false
  while (next < lines.length) {
    const found = bullet.exec(lines[next])
    if (!found || /\d/.test(found[2]) !== isOrdered || rule.test(lines[next])) break
    const width = found[1].length + found[2].length + Math.min(found[3]?.length ?? 1, 4)
    const inside = [found[4] ?? '']
    next += 1
    while (next < lines.length) {
      const line = lines[next]
      const indent = line.match(/^ */)[0].length
      if (line.trim() === '') {
        // An empty line ends the item unless something of it follows.
        const after = lines[next + 1]
        if (after === undefined || after.trim() === '' || (after.match(/^ */)[0].length < width && !bullet.test(after))) break
        if (after.match(/^ */)[0].length < width) {
          isLoose = true
          next += 1
          break
        }
        isLoose = true
        inside.push('')
      } else if (indent >= width) inside.push(line.slice(width))
      else if (indent >= 2 && bullet.test(line.trimStart())) inside.push(line.trimStart())
      else if (startsBlock(line)) break
      else inside.push(line.trimStart())
      next += 1
    }
    items.push(inside)
  }
  const start = isOrdered ? Number.parseInt(first[2], 10) : 1
  return [h(isOrdered ? 'ol' : 'ul', { start: isOrdered && start !== 1 ? start : null },
    items.map((inside) => item(inside, isLoose, depth))), next]
}

function item(lines, isLoose, depth) {
  const task = /^\[([ xX])\]\s+/.exec(lines[0])
  const rest = task ? [lines[0].slice(task[0].length), ...lines.slice(1)] : lines
  const nodes = blocks(rest, depth + 1)
  // In a tight list the text stands for itself.
  const content = isLoose ? nodes : nodes.flatMap((node) => (node.nodeName === 'P' ? [...node.childNodes] : [node]))
  return h('li', task && h('input', { type: 'checkbox', checked: task[1] !== ' ', disabled: true, 'aria-label': task[1] === ' ' ? 'Open' : 'Done' }), task && ' ', content)
}

function tableBlock(lines, at) {
  const aligns = cellsOf(lines[at + 1]).map((cell) => (/^:-+:$/.test(cell) ? 'center' : /-:$/.test(cell) ? 'end' : null))
  const rows = []
  let next = at + 2
  while (next < lines.length && lines[next].includes('|') && lines[next].trim() !== '') {
    rows.push(cellsOf(lines[next]))
    next += 1
  }
  const row = (cells, name) => h('tr', aligns.map((align, index) => h(name, { class: align, scope: name === 'th' ? 'col' : null }, inline(cells[index] ?? ''))))
  return [h('div', { class: 'scroll-x', tabindex: '0', role: 'region', 'aria-label': 'Table' },
    h('table', h('thead', row(cellsOf(lines[at]), 'th')), h('tbody', rows.map((cells) => row(cells, 'td'))))), next]
}

function cellsOf(line) {
  return line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '').split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
}

function startsBlock(line) {
  return fence.test(line) || heading.test(line) || rule.test(line) || quote.test(line) || bullet.test(line)
}

function paragraph(lines, at, depth) {
  const inside = [lines[at].trimStart()]
  let next = at + 1
  while (next < lines.length && lines[next].trim() !== '' && !(depth < deepest && startsBlock(lines[next]))) {
    inside.push(lines[next].trimStart())
    next += 1
  }
  return [h('p', inline(inside.join('\n'))), next]
}

// MARK: Inline

const special = /[\\`*_~[!<\nh]/g
const address = /https?:\/\/[^\s<>"'`]+/y
const angled = /<((?:https?:\/\/|mailto:)[^\s<>]+)>/y
const escapable = /[!-/:-@[-`{-~]/

/** Text with emphasis, code and links. */
export function inline(text, depth = 0) {
  const nodes = []
  let plain = ''
  const say = (node) => {
    if (plain) nodes.push(plain)
    plain = ''
    nodes.push(node)
  }
  // Where the closing mark of a kind was looked for in vain: from there on there is none, so it is not looked for again.
  const missing = new Set()
  let at = 0
  while (at < text.length) {
    special.lastIndex = at
    const stop = depth > deepest ? null : special.exec(text)
    if (!stop) {
      plain += text.slice(at)
      break
    }
    plain += text.slice(at, stop.index)
    at = stop.index
    const found = mark(text, at, depth, missing)
    if (found) {
      if (typeof found.node === 'string') plain += found.node
      else say(found.node)
      at = found.end
    } else {
      plain += text[at]
      at += 1
    }
  }
  if (plain) nodes.push(plain)
  return nodes
}

function mark(text, at, depth, missing) {
  switch (text[at]) {
    case '\\':
      if (text[at + 1] === '\n') return { node: h('br'), end: at + 2 }
      return escapable.test(text[at + 1] ?? '') ? { node: text[at + 1], end: at + 2 } : null
    case '\n': return { node: h('br'), end: at + 1 }
    case '`': return codeSpan(text, at, missing)
    case '*':
    case '_':
    case '~': return emphasis(text, at, depth, missing)
    case '!': return text[at + 1] === '[' ? link(text, at + 1, depth, missing, true) : null
    case '[': return link(text, at, depth, missing, false)
    case '<':
      angled.lastIndex = at
      return linkTo(angled.exec(text)?.[1], null, at + '<>'.length)
    default: {
      if (/\w/.test(text[at - 1] ?? '')) return null
      address.lastIndex = at
      const found = address.exec(text)?.[0].replace(/[.,;:!?)\]*_]+$/, '')
      return found ? linkTo(found, null, at) : null
    }
  }
}

function codeSpan(text, at, missing) {
  const marks = /`+/y
  marks.lastIndex = at
  const run = marks.exec(text)[0]
  if (missing.has(run)) return { node: run, end: at + run.length }
  let end = text.indexOf(run, at + run.length)
  while (end >= 0 && (text[end + run.length] === '`' || text[end - 1] === '`')) {
    let past = end
    while (text[past] === '`') past += 1
    end = text.indexOf(run, past)
  }
  if (end < 0) {
    missing.add(run)
    return { node: run, end: at + run.length }
  }
  return { node: h('code', text.slice(at + run.length, end).replace(/^ (.+) $/, '$1')), end: end + run.length }
}

function emphasis(text, at, depth, missing) {
  const letter = text[at]
  let length = 1
  while (length < 3 && text[at + length] === letter) length += 1
  if (letter === '~' && length < 2) return null
  if (letter === '~') length = 2
  const run = letter.repeat(length)
  const opens = !/\s/.test(text[at + length] ?? ' ') && !(letter === '_' && /\w/.test(text[at - 1] ?? ''))
  if (!opens || missing.has(run)) return { node: run, end: at + length }
  let end = text.indexOf(run, at + length)
  while (end >= 0) {
    const before = text[end - 1]
    const after = text[end + length] ?? ''
    const closes = !/\s/.test(before) && before !== '\\' && !(letter === '_' && /\w/.test(after))
      && (length > 1 || (after !== letter && before !== letter))
    if (closes) break
    end = text.indexOf(run, end + 1)
  }
  if (end < 0) {
    missing.add(run)
    return { node: run, end: at + length }
  }
  const inside = inline(text.slice(at + length, end), depth + 1)
  const node = letter === '~' ? h('del', inside) : length === 1 ? h('em', inside) : length === 2 ? h('strong', inside) : h('strong', h('em', inside))
  return { node, end: end + length }
}

function link(text, at, depth, missing, isPicture) {
  if (missing.has('](')) return null
  let end = at + 1
  let level = 1
  // Brackets inside count, up to a length that no honest label has.
  const limit = Math.min(text.length, at + 2000)
  while (end < limit && level > 0) {
    if (text[end] === '\\') end += 1
    else if (text[end] === '[') level += 1
    else if (text[end] === ']') level -= 1
    end += 1
  }
  if (level > 0) {
    missing.add('](')
    return null
  }
  if (text[end] !== '(') return null
  const target = /\(\s*<?([^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/y
  target.lastIndex = end
  const found = target.exec(text)
  if (!found) return null
  const label = text.slice(at + 1, end - 1)
  const shown = isPicture ? [label || 'Picture'] : inline(label, depth + 1)
  const made = linkTo(found[1], shown, at)
  return made && { node: made.node, end: end + found[0].length }
}

function linkTo(target, shown, at) {
  if (!target) return null
  const end = at + target.length
  const isWeb = /^(https?:\/\/|mailto:)/i.test(target) && isSafeAddress(target)
  // A link that leads elsewhere is shown as what it says, without leading there.
  if (!isWeb) return shown ? { node: h('span', shown), end } : null
  return { node: h('a', { href: target, target: '_blank', rel: 'noopener noreferrer nofollow ugc' }, shown ?? target), end }
}
