"""What came of the zoo: verdicts on each run, tables, and the evidence behind them."""

import csv
import re

PLACE = r"(<!-- {} -->\n).*?(<!-- end -->)"


def write(path, name, tables):
    """Tables take the place of those in a page, from <!-- name --> to <!-- end -->."""
    page, place = path.read_text(), re.compile(PLACE.format(name), re.DOTALL)
    if not place.search(page):
        raise SystemExit(f"zoo: {path} has no place for tables, from <!-- {name} --> to <!-- end -->")
    path.write_text(place.sub(lambda match: match[1] + tables + match[2], page))


# As their papers report them, each on its own programs.
PAPERS = """\
| AUTOTRAINER (ICSE 2021) | 262 faulty of 495 models | 100 % | | | 97.3 %, no longer detected; accuracy 32.5 to 79.6 % |
| DeepDiagnosis (ICSE 2022) | 53 programs | 87 % | 70 % | 8 of 39, 1 of 36, 37 of 78, 22 of 35 | |
| DeepLocalize (ICSE 2021), measured by the former | | | | 16 of 39, 4 of 34, 78 of 78, 35 of 35 | |
| DeepFD (ICSE 2022) | 52 programs | 90 % | 52 % | precision .37 when measured again | |
| UMLAUT (CHI 2021), measured by DeepDiagnosis | 53 programs | 49 % | | | |
| NeuraLint (TOSEM 2021) | 34 programs | 71 % of faults | | none | |"""


class Verdicts:
    """The runs, each with what was expected of it."""

    def __init__(self, results, expected):
        self.results, self.expected = results, expected
        self.faulty = [self.judged(run) for run in results["runs"] if run["kind"] == "faulty"]
        self.healthy = [self.judged(run) for run in results["runs"] if run["kind"] == "healthy"]
        self.repairs = {repair["case"]: repair for repair in results["repairs"]}
        self.failures = [
            (what, result) for what in ("runs", "checks", "repairs") for result in results[what] if "failure" in result]

    def judged(self, run):
        """The run with what the doctor said of it, and whether that is so."""
        expectation = self.expected[run["case"]] if run["kind"] == "faulty" else {"symptoms": []}
        heard = ["info", "warning", "error"][0 if expectation.get("severity") == "info" else 1:]
        findings = [finding for finding in run.get("findings", []) if finding["severity"] in heard]
        told = list(dict.fromkeys(finding["symptom"] for finding in findings))
        scores = run.get("scores", {})
        # Some fail with some seeds alone: where one does not, there is nothing to find.
        level = expectation.get("doesWellFrom")
        score = scores.get("train_accuracy", scores.get("train_r2"))
        did_well = level is not None and score is not None and score >= level and run.get("summary") != "diverged"
        return run | {
            "told": told, "found": bool(told), "right": any(symptom in expectation["symptoms"] for symptom in told),
            "first": bool(told) and told[0] in expectation["symptoms"],
            "faultless": did_well}

    # Totals

    def totals(self):
        counted = [run for run in self.faulty if not run["faultless"]]
        found_cases = {run["case"] for run in counted if run["found"]}
        tried = [self.repairs[case] for case in sorted(found_cases) if case in self.repairs]
        repaired = [repair for repair in tried if self.is_repairable(repair["case"])]
        hopeless = [repair for repair in tried if not self.is_repairable(repair["case"])]
        gains = [self.gain(repair) for repair in repaired if repair.get("metric", "").endswith("accuracy")]
        gains = [gain for gain in gains if gain is not None]
        times = sorted(check["seconds"] for check in self.results["checks"])
        return {
            "faulty": len(counted), "found": sum(run["found"] for run in counted),
            "right": sum(run["right"] for run in counted), "first": sum(run["first"] for run in counted),
            "faultless": len(self.faulty) - len(counted), "cases": len({run["case"] for run in counted}),
            "healthy": len(self.healthy), "alarms": sum(run["found"] for run in self.healthy),
            "healthyCases": len({run["case"] for run in self.healthy}),
            "tried": len(repaired), "repaired": sum(bool(repair.get("repaired")) for repair in repaired),
            "hopeless": len(hopeless), "pretended": sum(bool(repair.get("repaired")) for repair in hopeless),
            "gain": sum(gains) / len(gains) if gains else None, "gains": len(gains),
            "check": times[len(times) // 2] if times else None, "slowest": times[-1] if times else None}

    def is_repairable(self, case):
        """Whether a configuration can put it right: not where labels mean nothing, or held-out rows are no test."""
        return self.expected[case].get("repairable", True)

    @staticmethod
    def gain(repair):
        """Points that the metric rose by; nothing where there was no repair to measure."""
        try:
            return 100 * (repair["after"]["mean"] - repair["before"]["mean"])
        except (KeyError, TypeError):
            return None

    # Text

    def text(self):
        lines = [f"{'faulty':36} {'expected':24} {'runs':>4} {'found':>5} {'right':>5} {'first':>5}  repair       told"]
        for case, runs in grouped(self.faulty):
            counted = [run for run in runs if not run["faultless"]]
            lines.append(
                f"{case:36} {self.expected[case]['symptoms'][0]:24} {len(counted):4} "
                f"{count(counted, 'found'):5} {count(counted, 'right'):5} {count(counted, 'first'):5}  "
                f"{self.repair_cell(case):12} {told(runs)}")
        lines.append(f"\n{'healthy':36} {'runs':>4} {'alarms':>6}  told")
        for case, runs in grouped(self.healthy):
            lines.append(f"{case:36} {len(runs):4} {count(runs, 'found'):6}  {told(runs)}")
        total = self.totals()
        lines.append("")
        if total["faulty"]:
            lines += [
                f"found                  {share(total['found'], total['faulty'])} of faulty runs",
                f"with the right cause   {share(total['right'], total['faulty'])}   bar: at least 95 %",
                f"  which comes first    {share(total['first'], total['faulty'])}"]
        if total["faultless"]:
            lines.append(f"runs of faulty cases that did well and are not counted: {total['faultless']}")
        if total["healthy"]:
            alarms = share(total["alarms"], total["healthy"])
            lines.append(f"false alarms           {alarms} of healthy runs   bar: at most 2 %")
        if total["tried"]:
            repaired = share(total["repaired"], total["tried"])
            lines.append(f"repaired               {repaired} of the cases found   bar: at least 97 %")
        if total["hopeless"]:
            pretended = share(total["pretended"], total["hopeless"])
            lines.append(f"repaired, it was said  {pretended} of the cases that no configuration can put right")
        if total["gain"] is not None:
            lines.append(f"mean gain              {total['gain']:.1f} points of accuracy over {total['gains']} cases")
        if total["check"] is not None:
            slowest = max(self.results["checks"], key=lambda check: check["seconds"])
            most = f"{slowest['seconds']:.1f} s at most ({slowest['case']})"
            lines.append(f"check                  {total['check']:.1f} s in the middle, {most}")
        if self.results["leftOut"]:
            lines.append(f"left out, as the data root is not given: {', '.join(self.results['leftOut'])}")
        for what, result in self.failures:
            lines.append(f"FAILED  {what} {result['case']} {result.get('seed', '')}: {first_line(result['failure'])}")
        return "\n".join(lines)

    def repair_cell(self, case):
        repair = self.repairs.get(case)
        if repair is None:
            return "-"
        if "failure" in repair:
            return "failed"
        if not repair["repaired"]:
            return "no" if self.is_repairable(case) else "rightly not"
        return f"{repair['before']['mean']:.2f} to {repair['after']['mean']:.2f}"

    # The page

    def page(self):
        total = self.totals()
        repaired = f"{share(total['repaired'], total['tried'])} of cases, held-out" if total["tried"] else ""
        if total["gain"] is not None:
            repaired += f"; {total['gain']:+.1f} points of accuracy"
        faulty = f"{total['faulty']} runs of {total['cases']} faulty cases"
        healthy = f"{total['healthy']} of {total['healthyCases']} healthy ones"
        figures = [share(total["found"], total["faulty"]), share(total["right"], total["faulty"])]
        alarms = f"{share(total['alarms'], total['healthy'])} of runs"
        rows = [
            "| System | Judged on | Found | Right cause | False alarms | Repaired |",
            "| --- | --- | ---: | ---: | --- | --- |",
            f"| Espalier | {faulty}, {healthy} | {' | '.join(figures)} | {alarms} | {repaired} |", PAPERS, "",
            "| Faulty | What was put in | Found | Right cause | Comes first | Repaired |",
            "| --- | --- | ---: | ---: | ---: | --- |"]
        for case, runs in grouped(self.faulty):
            counted = [run for run in runs if not run["faultless"]]
            rows.append(
                f"| `{case}` | {self.expected[case]['symptoms'][0]} | {count(counted, 'found')} of {len(counted)} | "
                f"{count(counted, 'right')} | {count(counted, 'first')} | {self.repair_cell(case)} |")
        rows += ["", "| Healthy | Runs | False alarms |", "| --- | ---: | ---: |"]
        rows += [f"| `{case}` | {len(runs)} | {count(runs, 'found')} |" for case, runs in grouped(self.healthy)]
        return "\n".join(rows) + "\n"


    # Evidence

    def evidence(self):
        """Every number behind a finding, and those of each run's last probe."""
        for run in self.faulty + self.healthy:
            fault = self.expected[run["case"]]["symptoms"][0] if run["kind"] == "faulty" else ""
            about = [run["kind"], run["case"], run["seed"], fault]
            for finding in run.get("findings", []):
                for name, value in finding["evidence"].items():
                    yield [*about, finding["symptom"], finding["where"] or "", finding["severity"], name, value]
            for name, value in run.get("probes", {}).items():
                yield [*about, "probe", "", "", name, value]

    def write_evidence(self, path):
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["kind", "case", "seed", "fault", "symptom", "where", "severity", "name", "value"])
            writer.writerows(self.evidence())


def grouped(runs):
    """Runs by case."""
    cases = {}
    for run in runs:
        cases.setdefault(run["case"], []).append(run)
    return sorted(cases.items())


def count(runs, what):
    return sum(run[what] for run in runs)


def told(runs):
    """What was said in these runs, the most frequent first, each with in how many."""
    counts = {}
    for run in runs:
        for symptom in ["FAILED"] if "failure" in run else run["told"]:
            counts[symptom] = counts.get(symptom, 0) + 1
    return ", ".join(f"{symptom} {number}" for symptom, number in sorted(counts.items(), key=lambda item: -item[1]))


def first_line(text):
    return text.strip().splitlines()[0][:300]


def share(part, whole):
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"
