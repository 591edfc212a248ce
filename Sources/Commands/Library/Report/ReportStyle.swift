/// How a report looks: light or dark as the reader's system is, wide or narrow, and on paper.
enum ReportStyle {
    /// The colours of the curves on light and on dark ground; each has a contrast of at least 4.5 to its ground.
    static let colours = [
        ("#0b61d8", "#6cb0ff"), ("#bf2600", "#ff9479"), ("#17723a", "#5fd184"),
        ("#8a5a00", "#e3b341"), ("#7a43d0", "#c6a0ff"), ("#08707a", "#4ecbd6"),
        ("#b0307f", "#ff8ac8"),
    ]

    private static func variables(_ colour: KeyPath<(String, String), String>) -> String {
        colours.enumerated().map { "--c\($0.offset):\($0.element[keyPath: colour]);" }.joined()
    }

    static var text: String {
        """
        :root{color-scheme:light;--paper:#fff;--ink:#1f2328;--faint:#57606a;--grid:#e4e7eb;--soft:#f6f8fa;\(variables(\.0))}
        @media (prefers-color-scheme:dark){:root{color-scheme:dark;--paper:#0d1117;--ink:#e6edf3;--faint:#a5aeb8;\
        --grid:#2b3139;--soft:#161b22;\(variables(\.1))}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        main{max-width:60rem;margin:0 auto;padding:1rem 1rem 4rem}
        h1{font-size:1.6rem;line-height:1.25;margin:1rem 0 .25rem;overflow-wrap:anywhere}
        h2{font-size:1.2rem;margin:2.5rem 0 .5rem}
        h3{font-size:1rem;margin:1.5rem 0 .25rem;overflow-wrap:anywhere}
        p{margin:.5rem 0}
        .faint{color:var(--faint);font-size:.9rem}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;font-size:.9rem}
        th,td{text-align:left;vertical-align:top;padding:.3rem 1.2rem .3rem 0;border-bottom:1px solid var(--grid)}
        th{font-weight:600;color:var(--faint)}
        td.number,th.number{text-align:right}
        td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
        tr.differs td{font-weight:600}
        code,pre{font-family:ui-monospace,monospace;font-size:.85em}
        pre{background:var(--soft);border:1px solid var(--grid);border-radius:6px;padding:.75rem;margin:.25rem 0 1rem;\
        white-space:pre-wrap;overflow-wrap:anywhere}
        ul.notes{padding-left:1.2rem;margin:.5rem 0}
        ul.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;padding:0;margin:.5rem 0;font-size:.9rem}
        ul.legend svg{width:1.6rem;height:.6rem;margin-right:.4rem}
        .controls{display:flex;flex-wrap:wrap;gap:.25rem 1rem;border:0;padding:0;margin:.5rem 0;font-size:.9rem}
        .controls legend{float:left;padding:0;margin-right:.5rem;color:var(--faint)}
        .controls label{white-space:nowrap}
        .chart svg{display:block;width:100%;height:auto;touch-action:pan-y}
        .chart text{fill:var(--faint);font:12px system-ui,sans-serif}
        .reading{min-height:1.5em;font-variant-numeric:tabular-nums}
        @media print{
        :root{color-scheme:light;--paper:#fff;--ink:#000;--faint:#444;--grid:#ccc;--soft:#fff;\(variables(\.0))}
        body{font-size:11pt}main{max-width:none;padding:0}.controls,.reading{display:none}
        th,td{padding-right:.8rem}.chart,pre,tr{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}
        }
        """
    }
}
