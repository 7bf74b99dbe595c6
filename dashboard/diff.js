// What differs between two texts, line by line: the longest common subsequence, by Myers' O(ND) search.

/** `[{ kind: 'same' | 'added' | 'removed', text }]`. Texts that have hardly a line in common are told as a whole. */
export function diffLines(before, after) {
  const a = before.split('\n')
  const b = after.split('\n')
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1
  const middle = search(a.slice(start, a.length - end), b.slice(start, b.length - end))
  return [...a.slice(0, start).map(same), ...middle, ...a.slice(a.length - end).map(same)]
}

const same = (text) => ({ kind: 'same', text })
const longestSearch = 800

function search(a, b) {
  const whole = [...a.map((text) => ({ kind: 'removed', text })), ...b.map((text) => ({ kind: 'added', text }))]
  if (a.length === 0 || b.length === 0) return whole
  const trace = []
  let ends = new Map([[1, 0]])
  for (let depth = 0; depth <= Math.min(a.length + b.length, longestSearch); depth += 1) {
    trace.push(new Map(ends))
    for (let k = -depth; k <= depth; k += 2) {
      const isDown = k === -depth || (k !== depth && ends.get(k - 1) < ends.get(k + 1))
      let x = isDown ? ends.get(k + 1) : ends.get(k - 1) + 1
      let y = x - k
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1
        y += 1
      }
      ends.set(k, x)
      if (x >= a.length && y >= b.length) return walkBack(trace, a, b)
    }
  }
  return whole
}

function walkBack(trace, a, b) {
  const lines = []
  let x = a.length
  let y = b.length
  for (let depth = trace.length - 1; depth >= 0; depth -= 1) {
    const ends = trace[depth]
    const k = x - y
    const isDown = k === -depth || (k !== depth && ends.get(k - 1) < ends.get(k + 1))
    const before = isDown ? k + 1 : k - 1
    const fromX = ends.get(before)
    const fromY = fromX - before
    while (x > fromX && y > fromY && x > 0 && y > 0) {
      x -= 1
      y -= 1
      lines.push(same(a[x]))
    }
    if (depth === 0) break
    if (isDown) {
      y -= 1
      lines.push({ kind: 'added', text: b[y] })
    } else {
      x -= 1
      lines.push({ kind: 'removed', text: a[x] })
    }
  }
  return lines.reverse()
}
