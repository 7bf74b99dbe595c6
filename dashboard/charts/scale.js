// The marks of an axis.

/** Three to six round marks from 0 to at least `highest`; whole ones where what is counted is whole. */
export function ticks(highest, { isWhole = false } = {}) {
  if (!(highest > 0)) return [0, 1]
  const rough = highest / 4
  const power = isWhole ? Math.max(1, 10 ** Math.floor(Math.log10(rough))) : 10 ** Math.floor(Math.log10(rough))
  const step = (isWhole && power < 10 ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).map((factor) => factor * power).find((size) => size >= rough)
  const marks = []
  for (let index = 0; ; index += 1) {
    // Not by adding: 0.1 three times is not 0.3.
    const mark = Number((index * step).toPrecision(12))
    marks.push(mark)
    if (mark >= highest) return marks
  }
}
