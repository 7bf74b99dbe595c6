import SpotterDomain

/// A statement as a page to print.
public enum StatementPage {
    /// The whole page; everything that somebody has written is escaped.
    ///
    /// - Parameter names: what agents are called, by their ids.
    public static func html(_ statement: MonthSummary, names: [String: String] = [:]) -> String {
        let state =
            statement.closedAt.map { "Closed on \(Timestamp.string(from: $0).prefix(10))" }
            ?? "Open: more may be added until the month is closed"
        let title = "Statement \(statement.month), \(statement.organization.name)"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>\(escape(title))</title>
            <style>
            body { font: 11pt/1.4 system-ui, sans-serif; margin: 2cm auto; max-width: 18cm; color: #111 }
            h1 { font-size: 18pt; margin: 0 } h2 { font-size: 12pt; margin: 1.5em 0 .3em }
            table { border-collapse: collapse; width: 100% } tr { break-inside: avoid }
            th, td { padding: .25em .5em; border-bottom: 1px solid #ccc; text-align: left }
            td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
            tfoot td { font-weight: bold; border-bottom: none } p.state { color: #555; margin: .2em 0 1em }
            @media print { body { margin: 0; max-width: none } @page { margin: 2cm } }
            </style>
            </head>
            <body>
            <h1>\(escape(statement.organization.name))</h1>
            <p class="state">Statement of \(statement.month). \(escape(state)). Amounts in \
            \(escape(statement.total.cost.billed.currency)), times in UTC.</p>
            \(table("By model", "Model", statement.models, total: statement.total, names: [:]))
            \(table("By agent", "Agent", statement.agents, total: statement.total, names: names))
            </body>
            </html>

            """
    }

    private static func table(
        _ title: String, _ column: String, _ sums: [UsageSum], total: UsageSum, names: [String: String]
    ) -> String {
        let heads = ["Lines", "Tokens in", "Tokens out", "Base", "Markup", "Billed"]
        let rows = sums.map { row(names[$0.key ?? ""] ?? $0.key ?? "None", $0) }.joined(separator: "\n")
        return """
            <h2>\(title)</h2>
            <table>
            <thead><tr><th>\(column)</th>\(heads.map { "<th class=\"number\">\($0)</th>" }.joined())</tr></thead>
            <tbody>
            \(rows)
            </tbody>
            <tfoot>\(row("Total", total))</tfoot>
            </table>
            """
    }

    private static func row(_ name: String, _ sum: UsageSum) -> String {
        let cells = [
            "\(sum.lines)", "\(sum.usage.inputTokens)", "\(sum.usage.outputTokens)", "\(sum.cost.base.amount)",
            "\(sum.cost.markup.amount)", "\(sum.cost.billed.amount)",
        ]
        return "<tr><td>\(escape(name))</td>\(cells.map { "<td class=\"number\">\($0)</td>" }.joined())</tr>"
    }

    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
