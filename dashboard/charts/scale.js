// The marks of an axis.

/** Three to six round marks from 0 to at least `highest`. */
export function ticks(highest) {
  if (!(highest > 0)) return [0, 1]
  const rough = highest / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough)
  const marks = []
  for (let index = 0; ; index += 1) {
    // Not by adding: 0.1 three times is not 0.3.
    const mark = Number((index * step).toPrecision(12))
    marks.push(mark)
    if (mark >= highest) return marks
  }
}
