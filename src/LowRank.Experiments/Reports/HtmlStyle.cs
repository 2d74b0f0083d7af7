namespace LowRank.Experiments.Reports;

/// <summary>How a page looks. Without the signs that XML escapes, for a browser would not undo that here.</summary>
internal static class HtmlStyle
{
    // The badges' colours are Okabe and Ito's green and vermilion, darkened until they can be read.
    public const string Sheet = """

        :root { color-scheme: light dark; --ink: #1a1a1a; --soft: #595959; --paper: #ffffff; --line: #d0d0d0; --shade: #f4f4f4;
          --link: #005a9c; --within: #00573f; --within-paper: #dcf3ea; --outside: #8f3a00; --outside-paper: #fde8da; }
        @media screen and (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --soft: #b0b0b0; --paper: #161616;
          --line: #454545; --shade: #242424; --link: #7cc4ff; --within: #7fe0bf; --within-paper: #0d3227;
          --outside: #ffb587; --outside-paper: #421e05; } }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0 auto; max-width: 70rem; padding: 1rem clamp(0.8rem, 3vw, 2rem) 4rem; color: var(--ink);
          background: var(--paper); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
          overflow-wrap: break-word; }
        h1 { font-size: clamp(1.5rem, 5vw, 2.1rem); line-height: 1.2; margin: 1rem 0 0.6rem; }
        h2 { font-size: 1.35rem; line-height: 1.3; margin: 2.4rem 0 0.6rem; padding-top: 0.6rem; border-top: 1px solid var(--line); }
        h3 { font-size: 1.1rem; margin: 1.8rem 0 0.4rem; }
        p, li { max-width: 48rem; }
        .lead { font-size: 1.12rem; }
        nav { background: var(--shade); border-radius: 0.4rem; padding: 0.5rem 1rem; margin: 1.2rem 0; }
        nav ol { margin: 0; padding-left: 1.4rem; columns: 18rem auto; }
        a { color: var(--link); }
        .scroll, .picture, pre { overflow-x: auto; max-width: 100%; }
        .scroll { margin: 1.2rem 0 1.8rem; }
        table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; font-weight: 600; padding-bottom: 0.4rem; }
        th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.7rem 0.3rem 0; border-bottom: 1px solid var(--line); }
        thead th { border-bottom: 2px solid var(--ink); vertical-align: bottom; }
        tbody th { font-weight: 600; position: sticky; left: 0; background: var(--paper); }
        .number { text-align: right; white-space: nowrap; }
        @media screen and (max-width: 40rem) { tbody th, td { min-width: 7rem; } .number { min-width: 0; } }
        figure { margin: 1.4rem 0; }
        .picture { background: #ffffff; border-radius: 0.4rem; }
        .picture svg { display: block; width: 100%; height: auto; min-width: 34rem; }
        figcaption { color: var(--soft); font-size: 0.92rem; margin-top: 0.4rem; max-width: 48rem; }
        pre { background: var(--shade); border-radius: 0.4rem; padding: 0.8rem 1rem; }
        code { font-family: ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; font-size: 0.9em; }
        .badge { display: inline-block; white-space: nowrap; border-radius: 1rem; padding: 0.05rem 0.6rem; font-size: 0.85em;
          border: 1px solid currentColor; }
        .within { color: var(--within); background: var(--within-paper); }
        .outside { color: var(--outside); background: var(--outside-paper); }
        .open { color: var(--soft); }
        :focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
        @media print {
          @page { margin: 14mm; }
          body { max-width: none; padding: 0; font-size: 10pt; }
          nav { display: none; }
          .scroll, .picture, pre { overflow: visible; }
          .picture svg { min-width: 0; max-height: 230mm; }
          table { font-size: 7.5pt; }
          th, td { padding-right: 0.35rem; }
          .number { white-space: normal; }
          tbody th { position: static; }
          pre { white-space: pre-wrap; border: 1px solid #d0d0d0; }
          figure, tr, pre, .verdict { break-inside: avoid; }
          h1, h2, h3, caption { break-after: avoid; }
          thead { display: table-header-group; }
          .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }

        """;
}
