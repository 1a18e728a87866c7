# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fixed texts of an audit, by language. What changed is named as the reports name it, in English."""

from __future__ import annotations

FINDINGS: dict[str, dict[str, str]] = {
    "en": {
        "altered": "{run}/{file} was changed after it was written.",
        "exchanged": "The folder {run} holds the report of {other}.",
        "file_missing": "{run}/{file} is missing.",
        "dropped": "{run}, number {number}, is missing. Retention did not take it away.",
        "renamed": "The files of {run} are there under another name, {folder}.",
        "foreign": "The report in the folder {run} says that it is {other}.",
        "line_bad": "Line {line} of the chain file cannot be read, or the line that belongs to it is missing.",
        "lines_bad": "{count} lines of the chain file cannot be read, from line {first} on.",
        "line_changed": "The line of {run}/{file} in the chain file was changed.",
        "lines_changed": "One of the first {count} lines of the chain file was changed since {run} was written. "
        "The files that are left are as those lines say, so it is a line of a run that is no longer kept.",
        "delisted": "{run} was taken out of the chain. {after} names it as the run before.",
        "inserted": "{run} was put into the chain. {before}, which stands after it, does not know it.",
        "reordered": "{run} is not in its place. It was written after {before}.",
        "misnumbered": "{run} says that it is number {said}, and stands at place {number}.",
        "unlisted": "The folder {run} has no line in {file}: it was put there, or its lines were taken out.",
        "unfinished": "{run} has no line in {file} yet. A run that ended between the two leaves that, and the next "
        "run adds the line; or the last two lines were cut off.",
        "cut_lines": "The last lines of {file} were cut off, those of {runs}.",
        "no_chain": "{file} is missing. The order of the runs was taken from the reports.",
        "cut": "{run} was taken away without a trace in the chain; the page of the workspace still leads to it.",
        "copy_longer": "The copy of the chain file names {count} newer run(s) than there are: they were cut off.",
        "copy_differs": "Line {line} of the chain file is not that of the copy.",
        "format": "{run} has the format {format}, which this version does not know. Its hash was checked, and what "
        "it says was not.",
        "form": "{run} does not have the form of a report. Its hash was checked, and what it says was not.",
        "seal_missing": "The signature of {run} is missing. Its report says that {key} made one.",
        "seal_unasked": "{run} has a signature, and its report says that it has none.",
        "seal_wrong": "The signature of {run} is not that of its report.",
        "seal_other": "{run} was signed by another key, {key}. Its report names {named}.",
        "seal_stranger": "{run} was signed by {key}, which is not in {file}.",
        "unsigned": "The newest {count} run(s), from {run} on, are not signed by anybody in the file of signers, "
        "so nothing proves who wrote them.",
        "unsigned_before": "{count} run(s) are not signed themselves. The chain binds them to {run_after}, which is.",
        "unchecked": "{count} signature(s) fit their reports. Whose keys made them was not checked, since no file "
        "of signers was given.",
        "no_program": "There is no program ssh-keygen on this machine, so signatures were not checked.",
    },
    "ko": {
        "altered": "{run}/{file} 파일이 작성된 뒤에 변경되었습니다.",
        "exchanged": "{run} 폴더에 {other} 보고서가 들어 있습니다.",
        "file_missing": "{run}/{file} 파일이 없습니다.",
        "dropped": "{number}번 실행 {run} 폴더가 없습니다. 보관 기간이 지나 삭제된 것이 아닙니다.",
        "renamed": "{run} 파일이 다른 이름 {folder} 아래에 있습니다.",
        "foreign": "{run} 폴더의 보고서가 자신을 {other}(이)라고 합니다.",
        "line_bad": "체인 파일의 {line}번째 줄을 읽을 수 없거나 짝이 되는 줄이 없습니다.",
        "lines_bad": "체인 파일에서 {first}번째 줄부터 {count}개 줄을 읽을 수 없습니다.",
        "line_changed": "체인 파일에서 {run}/{file} 줄이 변경되었습니다.",
        "lines_changed": "{run} 작성 이후 체인 파일의 처음 {count}개 줄 중 하나가 변경되었습니다. 남아 있는 파일은 "
        "해당 줄과 일치하므로 더 이상 보관하지 않는 실행의 줄입니다.",
        "delisted": "{run} 실행이 체인에서 제거되었습니다. {after} 보고서는 이를 바로 앞 실행으로 기록합니다.",
        "inserted": "{run} 실행이 체인에 끼워 넣어졌습니다. 그 뒤의 {before} 보고서에는 기록이 없습니다.",
        "reordered": "{run} 실행의 순서가 바뀌었습니다. {before} 다음에 작성되었습니다.",
        "misnumbered": "{run} 보고서는 {said}번이라고 하지만 {number}번째에 있습니다.",
        "unlisted": "{run} 폴더의 줄이 {file}에 없습니다. 나중에 추가되었거나 줄이 삭제되었습니다.",
        "unfinished": "{run} 줄이 아직 {file}에 없습니다. 실행이 그 사이에 중단된 경우이며 다음 실행이 줄을 "
        "추가합니다. 또는 마지막 두 줄이 잘렸습니다.",
        "cut_lines": "{file}의 마지막 줄이 잘렸습니다: {runs}.",
        "no_chain": "{file} 파일이 없습니다. 실행 순서는 보고서에서 가져왔습니다.",
        "cut": "{run} 실행이 체인에 흔적 없이 제거되었습니다. 작업 영역 페이지에는 아직 링크가 있습니다.",
        "copy_longer": "체인 파일 사본에는 더 새로운 실행이 {count}건 있습니다. 해당 실행이 잘렸습니다.",
        "copy_differs": "체인 파일의 {line}번째 줄이 사본과 다릅니다.",
        "format": "{run} 형식 {format}은(는) 이 버전에서 알 수 없습니다. 해시만 확인했고 내용은 확인하지 않았습니다.",
        "form": "{run}은(는) 보고서의 형식을 갖추지 않았습니다. 해시만 확인했고 내용은 확인하지 않았습니다.",
        "seal_missing": "{run} 서명이 없습니다. 보고서에는 {key} 키로 서명했다고 되어 있습니다.",
        "seal_unasked": "{run}에 서명이 있지만 보고서에는 서명이 없다고 되어 있습니다.",
        "seal_wrong": "{run} 서명이 보고서와 맞지 않습니다.",
        "seal_other": "{run}에 다른 키 {key}(으)로 서명되었습니다. 보고서의 키는 {named}입니다.",
        "seal_stranger": "{run}에 서명한 {key} 키가 {file}에 없습니다.",
        "unsigned": "{run}부터 최근 실행 {count}건에 서명자 파일에 있는 서명이 없어 작성자를 증명할 수 없습니다.",
        "unsigned_before": "실행 {count}건에는 서명이 없습니다. 서명된 {run_after} 실행과 체인으로 묶여 있습니다.",
        "unchecked": "서명 {count}건이 보고서와 맞습니다. 서명자 파일이 없어 누구의 키인지는 확인하지 않았습니다.",
        "no_program": "이 컴퓨터에 ssh-keygen 프로그램이 없어 서명을 확인하지 않았습니다.",
    },
}

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "title": "Audit of {directory}",
        "made": "Read {time}, by lakeops.databricks {version}.",
        "since": "Changes since {since}.",
        "since_ever": "Changes since the first report that is kept.",
        "head": "{workspace}, {partner}",
        "chain": "Chain",
        "unbroken": "unbroken",
        "broken": "broken",
        "unknown": "could not be established",
        "runs": "Runs",
        "runs_of": "{count} run(s), from {first} to {last}",
        "runs_none": "no run",
        "pruned": "{count} earlier one(s) are no longer kept; their lines are in the chain",
        "signatures": "Signatures",
        "signatures_none": "none of the reports is signed",
        "signatures_good": "{count} of {all} reports signed, each by a key of the file of signers: {who}",
        "newest": "Newest run",
        "newest_is": "{run}, number {number}, SHA-256 of report.json {sha256}",
        "changes": "What changed, and by whom",
        "nothing": "No change since {since}.",
        "nothing_ever": "No change in what is kept.",
        "unseen": "{count} run(s) could not see what the principal holds, so a change that ended before the next "
        "one stays unknown.",
        "before": "What changed before {first} is not known; those reports are no longer kept.",
        "by": "{written} {entry} by {who}",
        "others": "somebody else, between {since} and {run}",
        "number": "Number",
        "written": "Written (UTC)",
        "entry": "What was done",
        "check": "check mode",
        "status": "State",
        "who": "By",
        "signer": "Signed by",
        "cannot": "What this cannot tell",
        "cannot_end": "A chain proves everything above its end, and not that the end is where it was. Whoever may "
        "write in the directory can cut off the newest runs with their lines, or write all of it anew. A signature "
        "shows that a report was written by who holds the key; it does not show that none is missing behind it. "
        "The SHA-256 of the newest report or a copy of the chain file, kept where others cannot write, shows both.",
        "cannot_who": "Who changed something between two runs is not in these reports. The workspace's audit log "
        "has it.",
        "alone": "How to check this without any program of ours",
        "alone_files": "Every file is as it was written, and none is missing (without --ignore-missing the runs "
        "that are no longer kept are named, too):",
        "alone_lines": "The lines above the newest run are those under which it was written: both commands show "
        "the same hash, so the newest report vouches for all of them:",
        "alone_seal": "Who wrote the newest report, and by that all of them (signers has a line for each key that "
        "counts, such as ops ssh-ed25519 AAAA...):",
    },
    "ko": {
        "title": "{directory} 감사",
        "made": "확인 시각 {time}, lakeops.databricks {version}.",
        "since": "{since} 이후의 변경.",
        "since_ever": "보관 중인 첫 보고서 이후의 변경.",
        "head": "{workspace}, {partner}",
        "chain": "체인",
        "unbroken": "이상 없음",
        "broken": "손상됨",
        "unknown": "확인할 수 없음",
        "runs": "실행",
        "runs_of": "{first}부터 {last}까지 {count}건",
        "runs_none": "실행 없음",
        "pruned": "이전 실행 {count}건은 더 이상 보관하지 않으며 줄은 체인에 남아 있습니다",
        "signatures": "서명",
        "signatures_none": "서명된 보고서가 없습니다",
        "signatures_good": "보고서 {all}건 중 {count}건이 서명자 파일의 키로 서명되었습니다: {who}",
        "newest": "최근 실행",
        "newest_is": "{run}, {number}번, report.json SHA-256 {sha256}",
        "changes": "변경 내용과 수행자",
        "nothing": "{since} 이후 변경이 없습니다.",
        "nothing_ever": "보관 중인 기록에 변경이 없습니다.",
        "unseen": "실행 {count}건은 보안 주체의 권한을 확인할 수 없었습니다. 다음 실행 전에 끝난 변경은 알 수 "
        "없습니다.",
        "before": "{first} 이전의 변경은 알 수 없습니다. 해당 보고서는 더 이상 보관하지 않습니다.",
        "by": "{written} {entry}, 수행자 {who}",
        "others": "{since}와(과) {run} 사이에 다른 사람이 변경",
        "number": "번호",
        "written": "작성 시각(UTC)",
        "entry": "수행한 작업",
        "check": "검사 모드",
        "status": "상태",
        "who": "수행자",
        "signer": "서명자",
        "cannot": "이 감사로 알 수 없는 것",
        "cannot_end": "체인은 끝보다 앞에 있는 모든 것을 증명하지만 끝이 원래 위치인지는 증명하지 않습니다. "
        "디렉터리에 쓸 수 있는 사람은 최근 실행을 줄과 함께 잘라 내거나 전체를 다시 쓸 수 있습니다. 서명은 키를 "
        "가진 사람이 보고서를 썼음을 보여 주지만 그 뒤에 빠진 보고서가 없음을 보여 주지는 않습니다. 다른 사람이 쓸 "
        "수 없는 곳에 보관한 최근 보고서의 SHA-256 또는 체인 파일 사본이 두 가지를 모두 보여 줍니다.",
        "cannot_who": "두 실행 사이에 누가 변경했는지는 보고서에 없습니다. 작업 영역의 감사 로그에서 확인하세요.",
        "alone": "다른 프로그램 없이 확인하는 방법",
        "alone_files": "모든 파일이 작성된 그대로이고 빠진 것이 없습니다(--ignore-missing 없이 실행하면 더 이상 "
        "보관하지 않는 실행도 표시됩니다):",
        "alone_lines": "최근 실행보다 위에 있는 줄은 작성 당시와 같습니다. 두 명령이 같은 해시를 표시하므로 최근 "
        "보고서가 모든 줄을 보증합니다:",
        "alone_seal": "최근 보고서를 작성한 사람이며 이로써 전체를 확인합니다(signers 파일에는 ops ssh-ed25519 "
        "AAAA... 처럼 인정하는 키마다 한 줄이 있습니다):",
    },
}
