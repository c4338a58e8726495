/// The rules of the style sheet that live pages have besides.
extension Theme {
    static let liveRules = """
        .slot{display:contents}
        .brand a{color:var(--accent);font-weight:650;text-decoration:none}.brand a:hover{text-decoration:underline}
        .head{padding-top:2px}
        .status.running{color:var(--train)}
        .progress{margin:0 0 14px;max-width:46em}.progress small{color:var(--muted);font-size:13px}
        .track{height:8px;border-radius:4px;background:var(--grid);overflow:hidden;margin-bottom:4px}
        .track span{display:block;height:100%;background:var(--train);transition:width .4s}
        .commands{font-size:13.5px;color:var(--muted);margin:0 0 8px}
        .commands code{font:12.5px var(--mono);background:var(--code);color:var(--ink);border-radius:6px;padding:2px 7px;\
        border:1px solid var(--rule);-webkit-box-decoration-break:clone;box-decoration-break:clone}
        .slot>.tiles{margin-top:22px}
        .aside{color:var(--muted);font-size:13.5px}
        .problems{border:1px solid var(--bad);border-radius:10px;padding:10px 14px;margin:10px 0;font-size:13.5px}
        .problems b{color:var(--bad)}.problems p{margin:4px 0 0}
        .run h3{display:flex;gap:8px;align-items:center;flex-wrap:wrap}.run h3 a{color:var(--ink);font-size:17px}
        .card.run .headline{color:var(--ink);font-size:14.5px;margin:6px 0 10px}
        .card.run .findings{color:var(--validation);margin:0 0 8px}
        .card.run .place{font:12px var(--mono);margin:8px 0 0}
        .run .progress{margin-bottom:6px}.spark{height:48px}.spark .curve{stroke-width:1.4;vector-effect:non-scaling-stroke}
        .lost::before{content:"Connection lost: is the dashboard still running? Trying again.";position:sticky;top:0;z-index:8;\
        display:block;background:var(--bad);color:var(--card);padding:6px 16px;font-size:13.5px;text-align:center}
        a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
        """
}
