namespace Palimpsest.Evaluation;

/// <summary>How a report looks, by day, by night and on paper.</summary>
internal static class ReportStyle
{
    public const string Css = """
        :root{color-scheme:light dark;--ink:#1d2430;--dim:#5d6878;--paper:#fbfaf7;--card:#fff;--line:#dcd8cf;
            --original:#9a6b1f;--candidate:#0b6e99;--retrained:#3f7f30;--bad:#b3362b;--good:#2f7d4f;--warn:#96600a}
        @media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--dim:#9aa5b5;--paper:#14171c;--card:#1c2027;
            --line:#323842;--original:#d0ab6c;--candidate:#57b6e0;--retrained:#8bc97a;--bad:#ee7d70;--good:#6fc791;
            --warn:#e0a95a}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:66rem;padding:2rem 1.25rem 4rem;background:var(--paper);color:var(--ink);
            font:16px/1.55 system-ui,sans-serif}
        h1{font-size:1.8rem;line-height:1.2;margin:0 0 .2rem}h2{font-size:1.35rem;margin:2.4rem 0 .6rem}
        h3{font-size:1rem;margin:0 0 .5rem}p{margin:.4rem 0}.dim{color:var(--dim)}.small{font-size:.87rem}
        .card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem 1.2rem;margin:.8rem 0;
            overflow-x:auto}
        .grid2{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr));gap:1rem}
        .grid2 .card{margin:0}
        .label{display:inline-block;padding:.1rem .6rem;border-radius:99px;font-weight:600;font-size:.9em;
            white-space:nowrap;color:var(--card);background:var(--warn)}
        .label.suppressed,.label.not-forgotten,.label.collapsed{background:var(--bad)}
        .label.removal-consistent{background:var(--good)}
        .notice{border-left:4px solid var(--warn)}
        table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
        th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
        th{color:var(--dim);font-weight:500}td.n,th.n{text-align:right;white-space:nowrap}
        tr.part td{font-weight:600;padding-top:.9rem}tr:last-child td{border-bottom:0}
        .overview td.n,.overview th.n{white-space:normal}.overview td.n span{display:inline-block}
        @media(max-width:44rem){body{padding:1.2rem .8rem 3rem}.card{padding:.8rem .9rem}
            .overview thead{display:none}.overview tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}
            .overview td{display:flex;flex-wrap:wrap;gap:0 .5rem;justify-content:space-between;padding:.15rem 0;
                border:0}
            .overview td::before{content:attr(data-column);color:var(--dim)}.overview tr:last-child{border:0}
            td.n,th.n{white-space:normal}}
        summary{cursor:pointer;font-weight:600}
        .key{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:.3rem 0 0;padding:0;list-style:none}
        .key li::before{content:"";display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em;
            vertical-align:-.05em;background:var(--dim)}
        .key .original::before{background:var(--original)}.key .candidate::before{background:var(--candidate)}
        .key .retrained::before{background:var(--retrained)}
        svg{display:block;width:100%;min-width:296px;max-width:370px;height:auto;
            font:12px system-ui,sans-serif;fill:var(--ink)}
        svg .grid{stroke:var(--line)}svg .tick,svg .axis{fill:var(--dim)}
        svg .chance{stroke:var(--dim);stroke-dasharray:4 4}
        svg polyline{fill:none;stroke-width:2}svg polyline.original{stroke:var(--original)}
        svg polyline.candidate{stroke:var(--candidate)}svg polyline.retrained{stroke:var(--retrained)}
        svg circle.original,svg rect.original{fill:var(--original)}
        svg circle.candidate,svg rect.candidate{fill:var(--candidate)}
        svg circle.retrained,svg rect.retrained{fill:var(--retrained)}svg rect.before{opacity:.4}
        svg circle{stroke:var(--card);stroke-width:1}svg circle.ring{fill:none;stroke-width:2.5}
        svg circle.ring.original{stroke:var(--original)}svg circle.ring.candidate{stroke:var(--candidate)}
        svg circle.ring.retrained{stroke:var(--retrained)}
        svg .leader{stroke:var(--dim);stroke-width:1}
        svg .interval{stroke:var(--ink);stroke-width:1.5}svg .threshold{stroke:var(--bad);stroke-dasharray:2 3}
        code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
        @media print{body{max-width:none;padding:0}.card{break-inside:avoid}}
        """;
}
