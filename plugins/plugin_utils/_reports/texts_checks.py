# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check means for a reader who does not run Databricks, and the sentences of the checks in Korean."""

from __future__ import annotations

# By how the id of a check begins; the longest that fits counts. ":warned" is for a check that only has a remark.
PROBLEMS: dict[str, dict[str, str]] = {
    "en": {
        "token": "The access token is missing, or is no longer valid.",
        "identity": "The access token does not belong to the account that was made for {title}.",
        "warehouse": "The SQL warehouse, the computer that answers {title}, cannot be used.",
        "session": "{title} cannot open a connection to the SQL warehouse.",
        "schemas": "{title} cannot see the schemas, the folders of tables, that it works with.",
        "probe_schema": "{title} cannot make the schema that it needs.",
        "probe": "{title} cannot make and remove the temporary tables that it needs.",
        "leftovers": "Temporary tables were left behind.",
        "tables": "{title} cannot list the tables that it may import.",
        "tables:warned": "There is no table to import yet.",
        "select": "Tables or views cannot be read by {title} ({count}).",
        "rows": "A row filter may hide data from {title} ({count}).",
        "grants": "{title} lacks access that it needs.",
        "grants:warned": "Whether {title} has all the access that it needs could not be fully established.",
        "not_admin": "The account of {title} is an administrator, and must not be.",
        "surplus": "{title} was given more access than it needs.",
        "indirect": "{title} gets more access than it needs through a group, an owner or everybody.",
        "forbidden": "{title} can make tables where it should only read.",
        "default": "{title} can make tables in a schema that everybody shares.",
        "no_other_schemas": "{title} can see schemas that it does not need.",
        ":skipped": "Could not be checked: {check}",
    },
    "ko": {
        "token": "액세스 토큰이 없거나 더 이상 유효하지 않습니다.",
        "identity": "액세스 토큰이 {title} 전용 계정의 것이 아닙니다.",
        "warehouse": "{title}의 요청을 처리하는 SQL 웨어하우스를 사용할 수 없습니다.",
        "session": "{title}에서 SQL 웨어하우스에 연결할 수 없습니다.",
        "schemas": "{title}에서 사용할 스키마(테이블을 모아 둔 곳)가 보이지 않습니다.",
        "probe_schema": "{title}에서 필요한 스키마를 만들 수 없습니다.",
        "probe": "{title}에서 필요한 임시 테이블을 만들고 삭제할 수 없습니다.",
        "leftovers": "임시 테이블이 남아 있습니다.",
        "tables": "{title}에서 가져올 테이블 목록을 볼 수 없습니다.",
        "tables:warned": "아직 가져올 테이블이 없습니다.",
        "select": "{title}에서 읽을 수 없는 테이블이나 뷰가 있습니다({count}개).",
        "rows": "행 필터 때문에 {title}에서 데이터가 보이지 않을 수 있습니다({count}개).",
        "grants": "{title}에 필요한 접근 권한이 부족합니다.",
        "grants:warned": "{title}에 필요한 접근 권한이 모두 있는지 완전히 확인하지 못했습니다.",
        "not_admin": "{title} 전용 계정이 관리자입니다. 관리자가 아니어야 합니다.",
        "surplus": "{title}에 필요한 것보다 많은 권한을 부여했습니다.",
        "indirect": "{title}에서 그룹, 소유자 또는 전체 공개를 통해 필요한 것보다 많은 권한을 얻습니다.",
        "forbidden": "{title}에서 읽기만 해야 하는 곳에 테이블을 만들 수 있습니다.",
        "default": "{title}에서 모두가 함께 쓰는 스키마에 테이블을 만들 수 있습니다.",
        "no_other_schemas": "{title}에서 필요하지 않은 스키마가 보입니다.",
        ":skipped": "확인하지 못한 항목: {check}",
    },
}

# What a run changed, as the modules name it.
OBJECTS: dict[str, dict[str, str]] = {
    "en": {
        "service_principal {name}": "service principal {name}",
        "grant to {who} on {kind} {name}": "privileges of {who} on {kind} {name}",
        "permission of {who} on tokens": "right of {who} to use personal access tokens",
        "permission of {who} on warehouse {name}": "right of {who} to use SQL warehouse {name}",
        "store {place}": "secret store: {place}",
        "token of {who}": "access token of {who}",
    },
    "ko": {
        "service_principal {name}": "서비스 주체 {name}",
        "user {name}": "사용자 {name}",
        "schema {name}": "스키마 {name}",
        "catalog {name}": "카탈로그 {name}",
        "grant to {who} on catalog {name}": "카탈로그 {name}에 대한 {who}의 권한",
        "grant to {who} on schema {name}": "스키마 {name}에 대한 {who}의 권한",
        "grant to {who} on table {name}": "테이블 {name}에 대한 {who}의 권한",
        "permission of {who} on tokens": "{who}의 개인 액세스 토큰 사용 권한",
        "permission of {who} on warehouse {name}": "{who}의 SQL 웨어하우스 {name} 사용 권한",
        "store {place}": "비밀 저장소: {place}",
        "token of {who}": "{who}의 액세스 토큰",
    },
}

# The sentence as the check says it, and in Korean. Words in braces stand for whatever is there. What is not listed stays
# in English: what Databricks itself answers, and SQL.
KOREAN: dict[str, str] = {
    # Titles.
    "The store holds a token that is alive": "저장소에 유효한 토큰이 있음",
    "The token signs in as the dedicated principal": "토큰이 전용 계정으로 로그인함",
    "The SQL warehouse exists": "SQL 웨어하우스가 있음",
    "The token opens a SQL session on the HTTP path": "토큰으로 HTTP 경로에서 SQL 세션이 열림",
    "Both schemas are visible": "두 스키마가 모두 보임",
    "The schemas are visible": "스키마가 보임",
    "A schema can be created in catalog {name}": "카탈로그 {name}에 스키마를 만들 수 있음",
    "A table can be created in {name}": "{name}에 테이블을 만들 수 있음",
    "Rows can be inserted there": "그 테이블에 행을 추가할 수 있음",
    "Rows can be counted there": "그 테이블의 행을 셀 수 있음",
    "The table can be dropped": "그 테이블을 삭제할 수 있음",
    "Nothing was left behind in {name}": "{name}에 남은 것이 없음",
    "The tables of {name} can be listed": "{name}의 테이블 목록을 볼 수 있음",
    "{name} can be read": "{name} 읽기 가능",
    "The row filter of {name} shows rows to the principal": "{name}의 행 필터가 이 계정에 행을 보여 줌",
    "The wanted privileges on {what} are held": "{what}에 필요한 권한이 있음",
    "The principal is not an administrator": "계정이 관리자가 아님",
    "Nothing more is granted to the principal on {what}": "{what}에 이 계정에 부여한 초과 권한이 없음",
    "Nothing more reaches the principal on {what} through groups or ownership": (
        "{what}에 그룹이나 소유권을 통한 초과 권한이 없음"
    ),
    "No table can be created in {name}": "{name}에 테이블을 만들 수 없음",
    "No other schema is visible": "다른 스키마가 보이지 않음",
    # What was seen.
    "{token}, valid until {time}.": "{token}, {time}까지 유효합니다.",
    "{token} expired on {time}.": "{token}: {time}에 만료되었습니다.",
    "{token} is refused: {said}": "{token} 거부됨: {said}",
    "There is no token in {place}.": "{place}에 토큰이 없습니다.",
    "The store cannot be used: {said}": "저장소를 사용할 수 없습니다: {said}",
    "Whether {token} is alive could not be established: {said}": "{token}이 유효한지 확인하지 못했습니다: {said}",
    "The token belongs to {who}, not to {name}.": "토큰이 {name}이 아니라 {who}의 것입니다.",
    "The token did not sign in: {said}": "토큰으로 로그인하지 못했습니다: {said}",
    "The SQL session belongs to {who}, not to {name}.": "SQL 세션이 {name}이 아니라 {who}의 것입니다.",
    "The SQL session belongs to {who}; whether that is {name} is not known: {said}": "SQL 세션은 {who}의 것입니다. {name}인지는 알 수 없습니다: {said}",
    "Not run: there is no token to sign in with.": "실행하지 않음: 로그인할 토큰이 없습니다.",
    "A session opened on {path}.": "{path}에서 세션이 열렸습니다.",
    "There is none at {path}: {said}": "{path}에 없습니다: {said}",
    "The SQL warehouse cannot be read: {said}": "SQL 웨어하우스를 읽을 수 없습니다: {said}",
    "Not run: no session was opened on it.": "실행하지 않음: 세션이 열리지 않았습니다.",
    "No SQL session: {said}": "SQL 세션이 열리지 않음: {said}",
    "Not run: there is no token, or no SQL warehouse.": "실행하지 않음: 토큰이나 SQL 웨어하우스가 없습니다.",
    "Opened on {path} after {seconds} s.": "{path}에서 {seconds}초 만에 열렸습니다.",
    "Not run: there was no SQL session.": "실행하지 않음: SQL 세션이 없었습니다.",
    "Not run in check mode.": "점검 모드에서는 실행하지 않습니다.",
    "Not run: no table could be created.": "실행하지 않음: 테이블을 만들지 못했습니다.",
    "Not visible: {names}.": "보이지 않음: {names}.",
    "Visible: {names}.": "보이는 스키마: {names}.",
    "Created and dropped again.": "만든 다음 삭제했습니다.",
    "Created {name}.": "{name} 생성.",
    "Two rows inserted.": "행 두 개를 추가했습니다.",
    "Two rows counted.": "행 두 개를 세었습니다.",
    "Dropped.": "삭제했습니다.",
    "Not tried: {title} makes {name} with its first sync.": (
        "시도하지 않음: {title}에서 첫 동기화 때 {name}을(를) 만듭니다."
    ),
    "Two rows were expected, {rows} came.": "행 두 개를 예상했지만 {rows}이(가) 왔습니다.",
    "{name} is left behind: {said}": "{name}이(가) 남아 있습니다: {said}",
    "The schema is not there yet.": "스키마가 아직 없습니다.",
    "It is empty.": "비어 있습니다.",
    "{name} is empty: there is nothing to read yet.": "{name}이(가) 비어 있어 아직 읽을 것이 없습니다.",
    "{count} found.": "{count}개를 찾았습니다.",
    "{name} is there, but the token does not list it.": "{name}이(가) 있지만 토큰으로는 목록에 보이지 않습니다.",
    "SELECT 1 FROM {name} LIMIT 0 went through.": "SELECT 1 FROM {name} LIMIT 0 문이 실행되었습니다.",
    "{name} is a view, and {owner}, who owns it, has no {lost} on {on} any more: {said}": (
        "{name}은(는) 뷰이며, 소유자 {owner}에게 {on}에 대한 {lost} 권한이 더 이상 없습니다: {said}"
    ),
    "At least one row passes {used}.": "{used} 필터를 통과하는 행이 하나 이상 있습니다.",
    "{name} has the row filter {used}, and the principal sees no row of it; whether the table is empty otherwise is not "
    "known.": "{name}에 행 필터 {used}이(가) 있으며 이 계정에는 행이 보이지 않습니다. 테이블이 원래 비어 있는지는 알 수 없습니다.",
    "{name} has the row filter {used}; what the principal sees is not known.": (
        "{name}에 행 필터 {used}이(가) 있습니다. 이 계정에 무엇이 보이는지는 알 수 없습니다."
    ),
    "There is no {what}: {said}": "{what}이(가) 없습니다: {said}",
    "On {name}: missing {privileges}.": "{name}: {privileges} 권한이 없습니다.",
    "On {name}: {privileges} not held by name; whether through a group or an owner could not be established.": (
        "{name}: {privileges} 권한을 직접 부여하지 않았습니다. 그룹이나 소유자를 통해 있는지는 확인하지 못했습니다."
    ),
    "On {name}: nothing beyond {privileges}.": "{name}: {privileges} 외의 권한이 없습니다.",
    "On {name}: none.": "{name}: 없습니다.",
    "On {name}: {privileges}.": "{name}: {privileges}.",
    "Surplus: {names}.": "초과 권한: {names}.",
    "None is known, but not everybody's privileges could be read.": (
        "알려진 것은 없지만 모든 사람의 권한을 읽지는 못했습니다."
    ),
    "Could not be established: the token could not ask for its groups.": (
        "확인하지 못함: 토큰으로 소속 그룹을 조회하지 못했습니다."
    ),
    "Could not be established: nobody could tell what was granted to the principal.": (
        "확인하지 못함: 이 계정에 무엇을 부여했는지 알 수 없습니다."
    ),
    "Could not be established: SQL does not tell.": "확인하지 못함: SQL로는 알 수 없습니다.",
    "Could not be established: nobody could read the effective privileges.": (
        "확인하지 못함: 실제 적용된 권한을 읽지 못했습니다."
    ),
    "Could not be established: it failed for another reason: {said}": "확인하지 못함: 다른 이유로 실패했습니다: {said}",
    "Could not be established: {said}": "확인하지 못함: {said}",
    "The principal is a member of admins.": "계정이 admins 그룹의 구성원입니다.",
    "Not a member of admins.": "admins 그룹의 구성원이 아닙니다.",
    "Refused as it should be: {said}": "예상대로 거부됨: {said}",
    "There is no such schema, or it cannot be seen.": "그런 스키마가 없거나 보이지 않습니다.",
    "A table could be created in {name}, and was dropped again. That is put up with, since default is among the allowed "
    "schemas; every user of the workspace may do so there unless its owner revokes it.": (
        "{name}에 테이블을 만들 수 있었고, 만든 테이블은 삭제했습니다. default가 허용된 스키마이므로 문제로 보지 않습니다. "
        "소유자가 회수하지 않는 한 워크스페이스의 모든 사용자가 그렇게 할 수 있습니다."
    ),
    "A table could be created in {name}, and was dropped again: the principal was granted that.": (
        "{name}에 테이블을 만들 수 있었고, 만든 테이블은 삭제했습니다. 이 계정에 그 권한을 부여했습니다."
    ),
    "A table could be created in {name}, and was dropped again: {ways}.": (
        "{name}에 테이블을 만들 수 있었고, 만든 테이블은 삭제했습니다: {ways}."
    ),
    "Nothing else is visible.{more}": "다른 것은 보이지 않습니다.{more}",
    "The principal also has {names}.{more}": "이 계정에 다음 권한도 있습니다: {names}.{more}",
    "The principal also sees {names}.{more}": "이 계정에 다음도 보입니다: {names}.{more}",
    " Every catalog has {names}. Allowed by setting: {others}.": " 모든 카탈로그에 {names}이(가) 있습니다. 설정으로 허용함: {others}.",
    " Every catalog has {names}.": " 모든 카탈로그에 {names}이(가) 있습니다.",
    " Allowed by setting: {names}.": " 설정으로 허용함: {names}.",
    "{who}, by its SQL session; asking the workspace was refused: {said}": (
        "{who}, SQL 세션으로 확인함. 워크스페이스 조회는 거부되었습니다: {said}"
    ),
    "{said}: the principal was granted that.": "{said}: 이 계정에 그 권한을 부여했습니다.",
    # What to do.
    "Run the set-up again; it makes and stores one.": "설정을 다시 실행하세요. 토큰을 만들어 저장합니다.",
    "Run the set-up again; it makes a new one.": "설정을 다시 실행하세요. 새 토큰을 만듭니다.",
    "The stored token was revoked or is of another workspace, or its principal is deactivated or gone. Run the set-up "
    "again: it makes a new token, or says what has to be done first.": (
        "저장된 토큰이 취소되었거나 다른 워크스페이스의 것이거나, 그 계정이 비활성화되었거나 삭제되었습니다. 설정을 다시 "
        "실행하세요. 새 토큰을 만들거나 먼저 할 일을 알려 줍니다."
    ),
    "Name the right principal, or give the store of its token.": (
        "올바른 계정의 이름을 지정하거나 그 계정의 토큰 저장소를 지정하세요."
    ),
    "The principal needs CAN USE on the warehouse and the entitlement databricks-sql-access.": (
        "계정에 웨어하우스의 CAN USE 권한과 databricks-sql-access 사용 권한이 필요합니다."
    ),
    "A workspace administrator takes it out of the group admins.": (
        "워크스페이스 관리자가 이 계정을 admins 그룹에서 제외합니다."
    ),
    "Run the set-up again, which makes what is missing; what is not its own, such as a table, its owner repairs.": (
        "설정을 다시 실행하세요. 없는 것은 설정이 만들고, 테이블처럼 설정이 만들지 않은 것은 소유자가 고칩니다."
    ),
    "They do not exist, or the principal has no USE SCHEMA on them; run the set-up again.": (
        "스키마가 없거나 계정에 USE SCHEMA 권한이 없습니다. 설정을 다시 실행하세요."
    ),
    "The next verification drops it.": "다음 검증에서 삭제합니다.",
    "{title} drops what it made when it no longer needs it. What another principal owns it cannot drop: the owner, or "
    "whoever owns the schema, does.": (
        "{title}은(는) 자신이 만든 것이 필요 없어지면 삭제합니다. 다른 계정이 소유한 것은 삭제할 수 없으므로 소유자나 스키마 "
        "소유자가 삭제합니다."
    ),
    "Put tables or views into it, for example CREATE VIEW {name}.example AS SELECT ...; whoever owns a view needs SELECT "
    "on what it reads.": (
        "테이블이나 뷰를 넣으세요. 예: CREATE VIEW {name}.example AS SELECT ... 뷰 소유자에게는 뷰가 읽는 대상의 SELECT 권한이 "
        "필요합니다."
    ),
    "The principal has no SELECT on it; run the set-up again, or grant SELECT on schema {name}.": (
        "계정에 SELECT 권한이 없습니다. 설정을 다시 실행하거나 스키마 {name}에 SELECT 권한을 부여하세요."
    ),
    "Whoever owns {on} grants {lost} on it to {owner}, or somebody who has it becomes owner of the view: {sql}": (
        "{on} 소유자가 {owner}에게 {lost} 권한을 부여하거나, 그 권한이 있는 사람을 뷰 소유자로 바꾸세요: {sql}"
    ),
    "Let the filter pass rows for the principal, or take it off: {sql}": (
        "필터가 이 계정에 행을 보여 주도록 고치거나 필터를 제거하세요: {sql}"
    ),
    "Check the spelling, or run the set-up again, which creates the schemas.": (
        "이름을 확인하거나 설정을 다시 실행하세요. 설정이 스키마를 만듭니다."
    ),
    "Run the set-up again, or have the owner run: {sql}": "설정을 다시 실행하거나 소유자에게 다음 실행을 요청하세요: {sql}",
    "Verify once as somebody who owns or manages it, who is shown everybody's privileges.": (
        "모든 사람의 권한을 볼 수 있는 소유자나 관리자로 한 번 검증하세요."
    ),
    "Set klaviyo_purge_surplus or option purge, or run: {sql}": (
        "klaviyo_purge_surplus 변수나 purge 옵션을 설정하거나 다음을 실행하세요: {sql}"
    ),
    "Revoke {privilege} from the principal.": "이 계정에서 {privilege} 권한을 회수하세요.",
    "Whoever owns {name} ({owner}) takes {privilege} from whom it was granted to.": (
        "{name} 소유자({owner})가 {privilege} 권한을 받은 쪽에서 회수합니다."
    ),
    "Revoke what was granted to the principal there, or name the schema among the allowed ones.": (
        "그곳에서 이 계정에 부여한 권한을 회수하거나 허용된 스키마에 추가하세요."
    ),
    "Whoever owns it takes the access from the group or from everybody who has it, or name the schema among the allowed "
    "ones.": "소유자가 그룹이나 전체 공개에서 권한을 회수하거나, 허용된 스키마에 추가하세요.",
    "Whoever owns {what} gives it to somebody else: {sql}": "{what} 소유자가 소유권을 다른 사람에게 넘깁니다: {sql}",
    # Causes that the service's answers have most often.
    "Give this principal CAN_USE on tokens first: module permission with object_type=tokens.": (
        "먼저 이 계정에 토큰의 CAN_USE 권한을 부여하세요(permission 모듈, object_type=tokens)."
    ),
    "Give the principal CAN_USE on the SQL warehouse: module permission with object_type=warehouse.": (
        "계정에 SQL 웨어하우스의 CAN_USE 권한을 부여하세요(permission 모듈, object_type=warehouse)."
    ),
    "The principal lacks an entitlement, such as databricks-sql-access: module service_principal or user, entitlements.": (
        "계정에 databricks-sql-access 같은 사용 권한이 없습니다(service_principal 또는 user 모듈, entitlements)."
    ),
    "The token is wrong, revoked, or of another workspace. Give a valid one as option token (DATABRICKS_TOKEN).": (
        "토큰이 잘못되었거나 취소되었거나 다른 워크스페이스의 것입니다. 유효한 토큰을 token 옵션(DATABRICKS_TOKEN)으로 주세요."
    ),
    "{owner}, or who has MANAGE on it, runs: {sql}": "{owner} 또는 MANAGE 권한이 있는 사람이 다음을 실행합니다: {sql}",
    "The workspace is not available at the moment. Run the task again later, or raise retry_timeout.": (
        "지금은 워크스페이스를 사용할 수 없습니다. 나중에 다시 실행하거나 retry_timeout 값을 높이세요."
    ),
    "The SQL warehouse is gone, or of another workspace. Module warehouse_info shows those there are.": (
        "SQL 웨어하우스가 없어졌거나 다른 워크스페이스의 것입니다. warehouse_info 모듈로 목록을 볼 수 있습니다."
    ),
}
