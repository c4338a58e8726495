/// The rules of the style sheet, apart from colours.
extension Theme {
    static let layoutRules = """
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 Inter,-apple-system,BlinkMacSystemFont,\
        "Segoe UI",Roboto,"Helvetica Neue",Arial,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        main,header,footer,.top{max-width:1160px;margin:0 auto;padding:0 24px}
        .top{padding-top:28px}
        .top{display:flex;justify-content:space-between;align-items:center;gap:16px;flex-wrap:wrap}
        .brand{font-size:13px;color:var(--muted);letter-spacing:.02em}
        .brand b{color:var(--accent);font-weight:650}
        fieldset{border:1px solid var(--rule);border-radius:999px;padding:2px;margin:0;display:flex;background:var(--card)}
        fieldset label{position:relative;font-size:12.5px;padding:3px 12px;border-radius:999px;cursor:pointer;color:var(--muted)}
        fieldset input{position:absolute;inset:0;opacity:0;margin:0;cursor:pointer}
        fieldset label:has(:checked){background:var(--wash);color:var(--ink);font-weight:600}
        fieldset label:has(:focus-visible),summary:focus-visible,.scroll:focus-visible,svg:focus-visible\
        {outline:2px solid var(--accent);outline-offset:2px}
        .unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        h1{font-size:15px;font-weight:600;margin:30px 0 8px;display:flex;gap:10px;align-items:center;flex-wrap:wrap}
        .status{font-size:12px;font-weight:600;padding:2px 10px;border-radius:999px;border:1px solid currentColor;\
        color:var(--accent);white-space:nowrap}
        .status.error{color:var(--bad)}.status.warning{color:var(--validation)}.status.diverged{color:var(--bad)}.status.interrupted,.status.unfinished{color:var(--validation)}
        .verdict{font-size:clamp(24px,3.4vw,38px);line-height:1.18;letter-spacing:-.018em;font-weight:680;margin:0 0 12px;\
        max-width:26em;text-wrap:balance}
        .remarks{color:var(--muted);font-size:16px;max-width:46em;margin:0 0 26px;text-wrap:pretty}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));background:var(--card);\
        border:1px solid var(--rule);border-radius:14px;overflow:hidden;margin:0}
        .tiles div{box-shadow:0 0 0 .5px var(--rule);padding:14px 18px 15px}
        .tiles dt{font-size:12.5px;color:var(--muted)}
        .tiles dd{margin:1px 0 0;font-size:23px;line-height:1.25;font-weight:620;letter-spacing:-.01em}
        .tiles dd small{display:block;font-size:12.5px;line-height:1.4;font-weight:400;letter-spacing:0;color:var(--muted)}
        h2{font-size:20px;letter-spacing:-.01em;margin:44px 0 14px}
        .cards{display:grid;grid-template-columns:1fr 1fr;gap:20px}
        .card{background:var(--card);border:1px solid var(--rule);border-radius:14px;padding:18px 20px 16px;margin:0;min-width:0}
        .card.full{grid-column:1/-1}
        .cards figcaption{min-height:5.6em}
        .card h3{font-size:15px;margin:0 0 2px}
        .card p{margin:0 0 12px;font-size:13.5px;color:var(--muted);text-wrap:pretty}
        table{border-collapse:collapse;width:100%;font-size:13.5px}
        th{font-weight:500;color:var(--muted);text-align:left;font-size:12.5px}
        th,td{padding:7px 14px 7px 0;border-bottom:1px solid var(--grid);vertical-align:top;overflow-wrap:break-word}
        th:last-child,td:last-child{padding-right:0}
        tr:last-child td{border-bottom:0}
        .number{text-align:right;white-space:nowrap}
        td small{display:block;color:var(--muted);font-size:12.5px}
        td.path{color:var(--muted);font-family:var(--mono)}
        td.share{width:26%;vertical-align:middle}
        .bar{display:block;height:8px;border-radius:4px;background:var(--train);min-width:1px}
        .scroll{overflow-x:auto}
        .sheet{width:auto}.sheet th{white-space:nowrap;vertical-align:middle;padding-right:18px}
        .sheet th,.sheet td{border-bottom:0;padding-top:4px;padding-bottom:4px}.sheet td{padding-right:10px;width:104px}
        .card.full figcaption{min-height:0}
        img.sample{display:block;width:40px;height:auto;image-rendering:pixelated;border-radius:3px}
        .sheet img{display:block;width:96px;height:auto;image-rendering:pixelated;border-radius:4px}
        .facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 18px;margin:0;font-size:13.5px}
        .facts dt{color:var(--muted)}.facts dd{margin:0}
        :root{--mono:ui-monospace,"SF Mono","Cascadia Code",Menlo,"DejaVu Sans Mono",monospace}
        pre{margin:0;font:12.5px/1.6 var(--mono);white-space:pre-wrap;background:var(--code);border-radius:8px;padding:12px 14px}
        .key{color:var(--train)}.literal{color:var(--validation)}.comment{color:var(--muted)}
        summary{cursor:pointer;font-weight:600;font-size:15px;border-radius:4px}
        details[open] summary{margin-bottom:12px}
        fieldset[hidden]{display:none}fieldset.order{width:max-content;margin-bottom:10px}
        .kernels summary{font-weight:400;font-size:inherit}.kernels summary span{font-weight:600}.kernels small{display:inline;margin-left:8px}
        .kernels td:nth-child(2){min-width:15em}.kernels td:nth-child(9){white-space:nowrap}
        .kernels td.share{vertical-align:top;padding-top:14px;width:18%}
        .kernels .facts{font-size:12.5px;gap:2px 12px;margin-bottom:8px}
        main>.tiles{margin-top:34px}
        h4{font-size:13px;margin:14px 0 4px}
        .diagnosis h2{margin-top:26px}
        .finding-line{display:flex;gap:11px;align-items:flex-start;font-size:18px;line-height:1.45;font-weight:600;margin:0 0 16px;\
        max-width:44em}
        svg.icon{display:inline-block;width:20px;height:20px;flex:none;border-radius:0}
        .finding-line svg.icon{width:24px;height:24px;margin-top:1px}
        .icon .shape{fill:currentColor}.icon .strokes{stroke:var(--card);stroke-width:2.4;stroke-linecap:round;fill:none}
        .icon.error{color:var(--bad)}.icon.warning{color:var(--validation)}.icon.info{color:var(--muted)}\
        .icon.healthy{color:var(--accent)}
        .card h3 .status{margin-left:10px}
        .card h3:has(.icon){display:flex;gap:8px;align-items:center;flex-wrap:wrap;margin-bottom:6px}
        .finding{border-left-width:5px}.finding.error{border-left-color:var(--bad)}
        .finding.warning{border-left-color:var(--validation)}.finding.info{border-left-color:var(--muted)}
        .finding h3{font-size:17px}.finding h3 small{font-size:13px;font-weight:400;color:var(--muted)}
        .severity{font-size:12px;font-weight:600;border:1px solid currentColor;border-radius:999px;padding:1px 9px}
        .finding.error .severity{color:var(--bad)}.finding.warning .severity{color:var(--validation)}
        .finding.info .severity{color:var(--muted)}
        .columns{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:28px}.columns.single{grid-template-columns:1fr}
        .card .explanation{font-size:14.5px;color:var(--ink)}
        .proof{margin:0 0 18px}.proof h4{margin-top:0}
        .remedies{margin:0;padding-left:1.4em;font-size:13.5px}.remedies li{margin-bottom:10px}
        .sets summary{font-size:13px;color:var(--muted)}.sets[open] summary{margin-bottom:0}
        .change{position:relative;margin-top:5px}
        .change button{position:absolute;top:6px;right:6px;font:inherit;font-size:12px;color:var(--ink);background:var(--card);\
        border:1px solid var(--rule);border-radius:6px;padding:2px 9px;cursor:pointer}
        .change pre{padding-right:70px;max-height:24em;overflow-y:auto}
        .finding td,.finding th{padding-top:4px;padding-bottom:4px}
        .full.aside{grid-column:1/-1;margin:0;font-size:13.5px;color:var(--muted)}
        .name{white-space:nowrap}.name a{color:var(--ink)}svg.key-line{display:inline-block;width:22px;height:8px;margin-right:8px}
        .found{margin:0;padding-left:1.2em;font-size:13.5px}.found li{margin-bottom:6px}
        details .finding{margin-top:14px}
        footer{color:var(--muted);font-size:12.5px;padding-top:36px;padding-bottom:36px}
        td .outside{color:var(--bad);font-weight:600}td .inside{color:var(--accent);font-weight:600}td a,.card a{color:var(--train)}
        .lesson{max-width:52em}
        #tip{position:fixed;z-index:9;pointer-events:none;background:var(--card);color:var(--ink);border:1px solid var(--rule);\
        border-radius:8px;padding:7px 11px;font-size:12.5px;line-height:1.5;box-shadow:0 6px 24px rgba(0,0,0,.16);max-width:280px}
        #tip b{display:block;font-weight:600}
        #tip span{display:flex;gap:14px;justify-content:space-between}
        #tip .train{color:var(--train)}#tip .validation{color:var(--validation)}
        """

    static let plotRules = """
        svg{display:block;width:100%;height:auto;border-radius:4px}
        svg.narrow{display:none}
        svg text{font-size:12px;fill:var(--ink)}
        svg .tick{fill:var(--muted);font-size:11.5px}
        svg .note{fill:var(--muted);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
        svg .note.strong{fill:var(--ink);font-weight:600}svg .note.bad{fill:var(--bad)}
        .grid{stroke:var(--grid)}.axis{stroke:var(--rule)}
        .curve{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .curve.faint{stroke-width:1;opacity:.28}
        .curve.train,.dot.train{stroke:var(--train)}.curve.validation,.dot.validation{stroke:var(--validation)}
        .curve.plain,.dot.plain{stroke:var(--accent)}
        .curve.many,.curve.thin{stroke-width:1.3}
        .dot{fill:var(--card);stroke-width:1.6}.dot.pruned{stroke:var(--muted);opacity:.6}.curve.dim{opacity:.35}
        .dot.whole{fill:var(--train);stroke:var(--card);stroke-width:1}.trials td:last-child{min-width:12em}
        .broad svg.wide text{font-size:6.4px}.broad svg.wide .note{stroke-width:2px}.broad svg.wide .curve{stroke-width:.8}
        svg .label{font-weight:600}svg .label.train{fill:var(--train)}svg .label.validation{fill:var(--validation)}
        svg .label.plain{fill:var(--accent)}
        .dashed{stroke-dasharray:6 4}.curve.run{stroke-width:1.8}
        .gap{fill:var(--gap)}
        .mark{stroke:var(--muted);stroke-dasharray:2 4}
        .best{fill:var(--card);stroke:var(--ink);stroke-width:2.2}
        .band{fill:var(--wash)}
        .interval{stroke:none;opacity:.16}.interval.train{fill:var(--train)}.interval.validation{fill:var(--validation)}
        .amount{fill:var(--train)}
        .contour{fill:none;stroke:var(--rule)}
        .cell{fill:var(--card);stroke:var(--muted);stroke-width:.6}.cell.shared{fill:var(--right3)}.cell.one{fill:var(--train)}
        .curve.over{stroke:var(--ink);stroke-width:1.8}.curve.spread{stroke-width:1.2;stroke-dasharray:4 3}
        .guide{stroke:var(--muted);stroke-dasharray:5 4}
        .not-finite{fill:var(--bad);opacity:.22}.not-finite.solid{opacity:1}
        .none{fill:var(--grid)}
        svg .count{pointer-events:none;font-size:11.5px;font-weight:600}svg .count.inverse{fill:var(--inverse)}
        svg .count.middle{fill:var(--middle)}
        .card,.proof{position:relative}.scales>label{position:absolute;right:20px;top:18px;font-size:12px;color:var(--muted);cursor:pointer;\
        display:flex;gap:5px;align-items:center;background:var(--card)}
        .proof .scales>label{right:0;top:0}
        .scales input{accent-color:var(--accent);margin:0}
        .scales:has(>label>:checked)>.linear,.scales:not(:has(>label>:checked))>.logarithmic{display:none}
        .cursor{pointer-events:none}.cursor line{stroke:var(--muted)}.cursor circle{fill:var(--ink);stroke:var(--card);stroke-width:1.5}
        .cursor rect{fill:none;stroke:var(--ink);stroke-width:1.5}
        """

    static let narrowRules = """
        @media (max-width:959px){.columns{grid-template-columns:minmax(0,1fr);gap:14px}.cards figcaption{min-height:0}.cards{grid-template-columns:1fr}svg.wide{max-width:640px}}
        @media (max-width:559px){main,header,footer,.top{padding-left:14px;padding-right:14px}.top{padding-top:16px}
        .card{padding:15px 14px 13px;border-radius:12px}svg.wide{display:none}svg.narrow{display:block}
        .tiles{grid-template-columns:1fr 1fr}.tiles div{padding:12px 14px}.tiles dd{font-size:20px}
        .remarks{font-size:15px}h2{margin-top:34px}td.share,th.share{display:none}th,td{padding-right:10px}
        .facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:8px}
        .stacked thead{display:none}.stacked tr{display:flex;flex-wrap:wrap;gap:0 16px;padding:8px 0;border-bottom:1px solid var(--grid)}
        .stacked td{padding:0;border:0;text-align:left;overflow-wrap:anywhere}.stacked td:empty{display:none}.stacked td.line{flex-basis:100%}
        .stacked td[data-label]::before{content:attr(data-label) " ";color:var(--muted)}.stacked tr:last-child{border-bottom:0}}
        """

    static let printRules = """
        @page{margin:14mm}body{background:none;font-size:10.5pt}fieldset,#tip,button,.scales>label{display:none}.change pre{max-height:none}
        .sets summary{display:none}
        main,header,footer,.top{padding:0;max-width:none}.verdict{font-size:22pt}
        .cards{grid-template-columns:1fr 1fr;gap:12px}.card,.tiles{break-inside:avoid}.card.long{break-inside:auto}
        details::details-content{content-visibility:visible}summary{list-style:none}tr{break-inside:avoid}h2{break-after:avoid;margin-top:24px}svg.narrow{display:none}svg.wide{display:block}
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
        """
}
