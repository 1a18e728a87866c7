# SPDX-FileCopyrightText: 2026 lakeops contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a page says of the data: its own words in both languages, and the rules of Klaviyo's data contract in Korean.

A rule that is not known here, such as one of a profile of your own, is told as the profile words it.
"""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "summary": "{tables} tables and views: {importable} can be imported, {unknown} could not be established. "
        "{errors} errors, {warnings} warnings, {advice} pieces of advice. None of it concerns the connection.",
        "table": "Table or view",
        "kind": "Rows are",
        "importable": "Can be imported",
        "findings": "What to change",
        "profile": "profiles",
        "event": "events",
        "unknown_kind": "could not be established",
        "yes": "yes",
        "no": "no",
        "unknown": "could not be established",
        "error": "error",
        "warning": "warning",
        "advice": "advice",
        "nothing": "Nothing.",
        "source": "Source",
    },
    "ko": {
        "summary": "테이블과 뷰 {tables}개 중 가져올 수 있는 것 {importable}개, 확인하지 못한 것 {unknown}개. "
        "오류 {errors}개, 경고 {warnings}개, 조언 {advice}개. 연결 자체와는 관계가 없습니다.",
        "table": "테이블 또는 뷰",
        "kind": "행의 종류",
        "importable": "가져오기 가능",
        "findings": "바꿀 것",
        "profile": "프로필",
        "event": "이벤트",
        "unknown_kind": "확인하지 못함",
        "yes": "예",
        "no": "아니요",
        "unknown": "확인하지 못함",
        "error": "오류",
        "warning": "경고",
        "advice": "조언",
        "nothing": "없음.",
        "source": "출처",
    },
}

# Rule -> title and hint.
KOREAN: dict[str, tuple[str, str]] = {
    "table_missing": (
        "가져오기 스키마에 그런 테이블이나 뷰가 없습니다.",
        "klaviyo_data에서 빼거나 테이블을 만드세요. 토큰으로 볼 수 있어야 합니다.",
    ),
    "columns_unread": (
        "열을 읽지 못했습니다.",
        "알 수 있는 것이 없습니다. 토큰으로 볼 수 있는 테이블의 열은 테이블 목록과 함께 읽습니다. hive_metastore에서는 "
        "klaviyo_check_data를 켤 때만 읽습니다.",
    ),
    "kind_unclear": (
        "이름과 열로는 프로필인지 이벤트인지 확인하지 못했습니다.",
        "klaviyo_data에서 kind를 profile 또는 event로 지정하세요.",
    ),
    "said_column_missing": ("klaviyo_data에 적힌 {column} 열이 없습니다.", "klaviyo_data의 이름을 고치세요."),
    "no_identifier": (
        "텍스트나 숫자인 열이 없어 사람을 식별할 수 없습니다.",
        "이메일 주소, 전화번호 또는 자체 고객 ID 열을 추가하세요.",
    ),
    "identifier_type": (
        "{column} 열로 사람을 식별해야 하지만 형식이 {type}입니다.",
        "Klaviyo는 식별자를 텍스트로 받습니다. 뷰에서 CAST({column} AS STRING)으로, 또는 식별자가 되는 부분만 제공하세요.",
    ),
    "identifier_unclear": (
        "식별자 이름을 가진 열이 없어 식별자가 있는지 확인하지 못했습니다.",
        "열 이름을 email, phone_number 또는 external_id로 하거나 klaviyo_data에서 어느 열인지 지정하세요.",
    ),
    "phone_number_type": (
        "{column} 열은 전화번호를 {type} 형식으로 담고 있어 더하기 기호가 없습니다.",
        "전화번호에는 국가 번호가 필요합니다. +821012345678처럼 텍스트로 제공하세요.",
    ),
    "external_id_type": (
        "{column} 열은 숫자이며, Klaviyo는 식별자를 텍스트로 받습니다.",
        "뷰에서 CAST({column} AS STRING)을 쓰면 값의 모양이 늘 같습니다.",
    ),
    "no_change_time": (
        "타임스탬프 열이 없어 Klaviyo가 어느 행이 새것인지 알 수 없습니다.",
        "행을 쓸 때마다 current_timestamp()로 설정하는 TIMESTAMP 열(예: modified_at)을 추가하세요.",
    ),
    "change_time_type": (
        "{column} 열은 마지막 변경 시각으로 보이지만 형식이 {type}입니다.",
        "Klaviyo에는 타임스탬프가 필요합니다. 뷰에서 CAST({column} AS TIMESTAMP)로 제공하거나 current_timestamp()로 채우세요.",
    ),
    "change_time_unclear": (
        "다음 중에 마지막 변경 시각이 있는지 확인하지 못했습니다: {columns}",
        "행을 쓸 때마다 새로 설정하고 값이 줄어들지 않아야 합니다. 이름을 modified_at으로 하거나 klaviyo_data에서 지정하세요.",
    ),
    "change_time_is_creation": (
        "{column} 열은 행을 만든 시각으로 보이며, 마지막 변경 시각을 나타내는 열은 없습니다.",
        "제자리에서 바뀐 행은 빠집니다. modified_at 열을 추가하거나, 행을 추가만 한다면 klaviyo_data에서 {column} 열이 변경 시각이라고 "
        "지정하세요.",
    ),
    "event_change_time_unclear": (
        "행이 데이터 집합에 추가된 시각의 열을 확인하지 못했습니다. {column} 열일 수 있습니다.",
        "이벤트 시각과 다른 열이어야 합니다. 이름을 inserted_at으로 하거나 klaviyo_data에서 지정하세요.",
    ),
    "one_time_for_two": (
        "시각 열이 {column} 하나뿐이지만, 이벤트에는 서로 다른 두 열이 필요합니다.",
        "하나는 이벤트가 일어난 시각, 하나는 행이 추가된 시각입니다. current_timestamp()로 채우는 inserted_at 열을 추가하세요.",
    ),
    "same_time_column": (
        "{column} 열이 이벤트 시각이면서 변경 시각입니다.",
        "Klaviyo에는 두 열이 필요합니다. 변경 시각에는 inserted_at 같은 다른 열을 쓰세요.",
    ),
    "event_time_unclear": (
        "이벤트가 일어난 시각의 열을 확인하지 못했습니다: {columns}",
        "이름을 event_timestamp로 하거나 klaviyo_data에서 지정하세요.",
    ),
    "event_time_type": (
        "{column} 열은 이벤트 시각으로 보이지만 형식이 {type}입니다.",
        "Klaviyo에는 타임스탬프가 필요합니다. 뷰에서 CAST({column} AS TIMESTAMP)로 제공하세요.",
    ),
    "event_time_day": (
        "{column} 열은 시각이 없는 날짜입니다.",
        "같은 날의 이벤트가 모두 같은 순간에 일어난 것이 됩니다. 시각까지 TIMESTAMP로 제공하세요.",
    ),
    "event_time_zone": (
        "{column} 열에 시간대가 없어 Klaviyo가 UTC로 봅니다.",
        "다른 시간대라면 뷰에서 to_utc_timestamp({column}, '시간대')를 쓰거나 TIMESTAMP 형식을 쓰세요.",
    ),
    "change_time_zone": (
        "{column} 열에 시간대가 없어 Klaviyo가 UTC로 봅니다.",
        "변경 시각은 값이 줄어들지 않는 한 괜찮습니다. 시계를 뒤로 돌리면 줄어듭니다.",
    ),
    "no_metric": (
        "측정항목 이름 열이 없습니다.",
        "동기화를 만들 때 모든 행에 쓸 측정항목 하나를 고르거나 텍스트 열 metric_name을 추가하세요.",
    ),
    "metric_type": (
        "{column} 열은 측정항목 이름으로 보이지만 형식이 {type}입니다.",
        "Klaviyo에는 텍스트가 필요합니다. 뷰에서 CAST({column} AS STRING)으로 제공하거나 모든 행에 쓸 측정항목 하나를 고르세요.",
    ),
    "no_unique_id": (
        "이벤트의 고유 ID 열이 없습니다.",
        "고유 ID가 없으면 Klaviyo가 두 번 온 이벤트를 알아볼 수 없습니다. event_id 같은 열을 추가하세요.",
    ),
    "unique_id_type": (
        "{column} 열은 고유 ID로 보이지만 형식이 {type}입니다.",
        "Klaviyo는 텍스트나 숫자를 받습니다. 뷰에서 CAST({column} AS STRING)으로 제공하세요.",
    ),
    "value_type": (
        "{column} 열은 이벤트의 값으로 보이지만 형식이 {type}입니다.",
        "통화 기호가 없는 숫자가 필요합니다. 뷰에서 CAST({column} AS DECIMAL(18, 2))로 제공하세요.",
    ),
    "no_currency": (
        "{column} 열 옆에 통화가 없습니다.",
        "값이 금액이면 KRW 같은 텍스트 열 value_currency를 추가하세요.",
    ),
    "two_for_one_field": (
        "여러 열이 Klaviyo의 같은 필드로 보입니다: {columns}",
        "Klaviyo는 필드마다 열 하나를 받습니다. 하나를 고르거나 뷰에서 나머지를 빼세요.",
    ),
    "nested_type": (
        "{column} 열은 {type} 형식이며, Klaviyo 문서에는 이런 열이 어떻게 되는지 나와 있지 않습니다.",
        "뷰에서 부분을 각각의 열로 제공하거나 to_json({column})으로 전체를 텍스트로 제공하세요.",
    ),
    "binary_type": (
        "{column} 열은 {type} 형식이며, Klaviyo에는 해당하는 형식이 없습니다.",
        "뷰에서 빼거나 hex({column}) 또는 base64({column})로 텍스트를 제공하세요.",
    ),
    "odd_type": (
        "{column} 열은 {type} 형식이며, Klaviyo에는 해당하는 형식이 없습니다.",
        "뷰에서 빼거나 CAST({column} AS STRING)으로 제공하세요.",
    ),
    "nested_clash": (
        "{column} 열은 속성 {parent}의 하위 항목이 되지만, {parent} 열도 있습니다.",
        "{parent} 속성이 값이거나 묶음이거나 하나만 되도록 이름을 바꾸세요.",
    ),
    "nested_empty": (
        "{column} 열 이름의 밑줄 세 개 양쪽에 분명한 이름이 없습니다.",
        "parent___child처럼 상위와 하위 이름 사이에 밑줄 세 개를 씁니다. 열 이름을 바꾸세요.",
    ),
    "nested_deep": (
        "{column} 열은 두 단계 이상 중첩되며, Klaviyo 문서에는 이에 대한 설명이 없습니다.",
        "parent___child처럼 상위 하나와 하위 하나만 쓰세요.",
    ),
    "nested_profile": (
        "밑줄 세 개는 이벤트에서 중첩을 뜻하며, 프로필에 대해서는 Klaviyo 문서에 설명이 없습니다: {columns}",
        "이 이름 그대로의 속성이 생길 수 있습니다. 원하지 않으면 열 이름을 바꾸세요.",
    ),
    "property_twice": (
        "{columns}: 같은 프로필 속성이 다른 테이블({tables})에도 있습니다.",
        "Klaviyo는 프로필 속성을 한 테이블에서만 받습니다. 하나를 고르고 나머지에서는 빼세요.",
    ),
    "identifiers_differ": (
        "이 테이블은 {columns} 열로, 다른 테이블({tables})은 다른 것으로 사람을 식별합니다.",
        "한 사람이 두 프로필이 될 수 있습니다. 모든 테이블에 같은 식별자를 쓰거나 테이블 하나로 합치세요.",
    ),
    "consent_type": (
        "{column} 열은 {type} 형식이지만 동의 값은 텍스트여야 합니다.",
        "뷰에서 CASE 등으로 Subscribed, Unsubscribed 또는 Never subscribed를 제공하세요.",
    ),
    "consent_in_event": (
        "이벤트는 프로필을 바꾸지 않으므로 동의가 되지 않습니다: {columns}",
        "동의는 프로필 테이블에서 제공하세요.",
    ),
    "personal_in_event": (
        "이벤트의 모든 열이 Klaviyo로 전송되며, 개인 정보일 수 있는 다음 열도 전송됩니다: {columns}",
        "Klaviyo에 필요하지 않다면 테이블 대신 필요한 열만 적은 뷰를 제공하세요.",
    ),
    "technical_column": (
        "파이프라인이 추가한 열도 Klaviyo에 제공됩니다: {columns}",
        "뷰에서 빼세요.",
    ),
    "masked": (
        "Klaviyo는 열 마스크를 거친 값을 봅니다: {columns}",
        "마스크가 이 계정에 실제 값을 보여 주는지 확인하거나 뷰에서 그 열을 빼세요.",
    ),
    "row_filter": (
        "Klaviyo는 행 필터를 거친 행을 봅니다.",
        "필터가 Klaviyo에 보낼 행을 이 계정에 보여 주는지 확인하세요.",
    ),
    "no_rows": ("토큰으로 읽히는 행이 없습니다.", "행이 생길 때까지 Klaviyo는 아무것도 가져오지 않습니다."),
    "uncounted": (
        "행을 세지 못했습니다({reason}).",
        "Klaviyo의 쿼리도 같은 이유로 실패할 수 있습니다. 오류에 행의 값이 들어 있을 수 있어 보여 주지 않습니다. 테이블에서 SELECT를 "
        "실행하면 볼 수 있습니다.",
    ),
    "change_time_null": (
        "읽은 {rows}개 행 중 {count}개에서 {column} 열이 비어 있습니다.",
        "값이 없는 행은 마지막 동기화보다 새것이 될 수 없습니다. current_timestamp()로 채우세요.",
    ),
    "change_time_future": (
        "읽은 {rows}개 행 중 {count}개에서 {column} 열이 미래 시각입니다.",
        "그때까지 쓴 행이 마지막 동기화보다 오래된 것으로 보여 빠질 수 있습니다. current_timestamp()로 채우세요.",
    ),
    "event_time_null": (
        "읽은 {rows}개 행 중 {count}개에서 {column} 열이 비어 있습니다.",
        "이벤트마다 일어난 시각이 필요합니다. 채우거나 뷰에서 그런 행을 빼세요.",
    ),
    "event_time_future": (
        "읽은 {rows}개 행 중 {count}개에서 {column} 열이 미래 시각입니다.",
        "시간대를 확인하세요. 시간대가 없으면 Klaviyo가 UTC로 봅니다.",
    ),
    "identifier_empty": (
        "읽은 {rows}개 행 중 {count}개에는 사람을 식별할 값이 없습니다.",
        "식별자가 없는 행은 어느 프로필에도 속하지 않습니다. 채우거나 뷰에서 그런 행을 빼세요.",
    ),
    "unique_id_duplicate": (
        "읽은 {rows}개 행 중 {count}개에서 {column} 열의 값이 다른 행과 같습니다.",
        "Klaviyo는 이 값으로 두 번 온 이벤트를 알아보므로 하나만 남을 수 있습니다. 값을 고유하게 하세요.",
    ),
    "consent_value": (
        "읽은 {rows}개 행 중 {count}개에서 {column} 열의 값을 Klaviyo가 알지 못합니다.",
        "Subscribed, Unsubscribed, Never subscribed를 쓸 수 있습니다. 빈 값은 Never subscribed입니다.",
    ),
    "email_form": (
        "읽은 {rows}개 행 중 {count}개에서 {column} 열이 이메일 주소가 아닙니다.",
        "고치거나, 다른 식별자가 있으면 NULL로 두세요.",
    ),
    "phone_number_form": (
        "읽은 {rows}개 행 중 {count}개에서 {column} 열이 더하기 기호로 시작하지 않습니다.",
        "전화번호에는 +821012345678처럼 국가 번호가 있거나 옆에 국가 열이 있어야 합니다.",
    ),
}
