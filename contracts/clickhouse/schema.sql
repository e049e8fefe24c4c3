CREATE TABLE account_observations
(
    `event_id` String,
    `origin` LowCardinality(String),
    `account` String,
    `network` LowCardinality(String),
    `native_id` Nullable(String),
    `handle` String,
    `name` Nullable(String),
    `slot` DateTime64(6, 'UTC'),
    `observed_at` DateTime64(6, 'UTC'),
    `followers` Nullable(UInt64),
    `following` Nullable(UInt64),
    `posts` Nullable(UInt64),
    `likes` Nullable(UInt64),
    `views` Nullable(UInt64),
    `absent` Map(LowCardinality(String), LowCardinality(String)),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT account_given CHECK account != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT handle_given CHECK handle != '',
    CONSTRAINT slot_possible CHECK (toYear(slot) >= 2000) AND (toYear(slot) <= 2099),
    CONSTRAINT observed_at_possible CHECK (toYear(observed_at) >= 2000) AND (toYear(observed_at) <= 2099),
    CONSTRAINT counters_possible CHECK greatest(ifNull(followers, 0), ifNull(following, 0), ifNull(posts, 0), ifNull(likes, 0), ifNull(views, 0)) <= 4611686018427387904
)
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY toYear(slot)
ORDER BY (account, slot, origin)
TTL toDateTime(observed_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 8192;

CREATE TABLE accounts
(
    `event_id` String,
    `origin` LowCardinality(String),
    `account` String,
    `revision` UInt64,
    `network` LowCardinality(String),
    `handle` String,
    `native_id` Nullable(String),
    `address` String,
    `name` Nullable(String),
    `owner_kind` LowCardinality(String),
    `owners` Array(Tuple(
        territory String,
        role String,
        home Bool,
        since Nullable(DateTime64(6, 'UTC')),
        until Nullable(DateTime64(6, 'UTC')))),
    `covers` Array(String),
    `state` LowCardinality(String),
    `registered_at` DateTime64(6, 'UTC'),
    `changed_at` DateTime64(6, 'UTC'),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT account_given CHECK account != '',
    CONSTRAINT revision_possible CHECK revision <= 4611686018427387904,
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT handle_given CHECK handle != '',
    CONSTRAINT state_known CHECK state IN ('candidate', 'verified', 'closed', 'refused'),
    CONSTRAINT registered_at_possible CHECK (toYear(registered_at) >= 2000) AND (toYear(registered_at) <= 2099),
    CONSTRAINT changed_at_possible CHECK (toYear(changed_at) >= 2000) AND (toYear(changed_at) <= 2099)
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY account
SETTINGS index_granularity = 8192;

CREATE TABLE alerts_delivered
(
    `event_id` String,
    `origin` LowCardinality(String),
    `alert` String,
    `watch` String,
    `channel` LowCardinality(String),
    `recipient` String,
    `outcome` LowCardinality(String),
    `why` Nullable(String),
    `message_id` Nullable(String),
    `attempts` UInt64,
    `delivered_at` DateTime64(6, 'UTC'),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT alert_given CHECK alert != '',
    CONSTRAINT watch_given CHECK watch != '',
    CONSTRAINT channel_given CHECK channel != '',
    CONSTRAINT recipient_given CHECK recipient != '',
    CONSTRAINT outcome_known CHECK outcome IN ('delivered', 'failed', 'silent'),
    CONSTRAINT delivered_at_possible CHECK (toYear(delivered_at) >= 2000) AND (toYear(delivered_at) <= 2099)
)
ENGINE = ReplacingMergeTree(delivered_at)
ORDER BY (watch, alert, channel, recipient, origin)
SETTINGS index_granularity = 8192;

CREATE TABLE alerts_raised
(
    `event_id` String,
    `origin` LowCardinality(String),
    `alert` String,
    `watch` String,
    `watch_revision` UInt64,
    `territory` String,
    `kind` LowCardinality(String),
    `group` String,
    `title` String,
    `why` String,
    `total` UInt64,
    `usual` Nullable(UInt64),
    `window_minutes` Nullable(UInt64),
    `raised_at` DateTime64(6, 'UTC'),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT alert_given CHECK alert != '',
    CONSTRAINT watch_given CHECK watch != '',
    CONSTRAINT territory_given CHECK territory != '',
    CONSTRAINT kind_known CHECK kind IN ('match', 'peak', 'threshold', 'rank', 'silence', 'source_failed'),
    CONSTRAINT total_possible CHECK total <= 4611686018427387904,
    CONSTRAINT raised_at_possible CHECK (toYear(raised_at) >= 2000) AND (toYear(raised_at) <= 2099)
)
ENGINE = ReplacingMergeTree(raised_at)
ORDER BY (watch, alert, origin)
SETTINGS index_granularity = 8192;

CREATE TABLE bareme
(
    `methodology` LowCardinality(String),
    `reference` LowCardinality(String) COMMENT 'month, such as 2026-09',
    `origin` LowCardinality(String) COMMENT 'live or simulation',
    `network` LowCardinality(String),
    `scope` LowCardinality(String) COMMENT 'category, family or network',
    `cell` LowCardinality(String) COMMENT 'the category or family; empty for the network',
    `kpi` LowCardinality(String),
    `accounts` UInt32 COMMENT 'ranked accounts of the cell in the reference month',
    `knots` Array(Int64) COMMENT 'values in billionths, increasing, the first is 0',
    `worths` Array(UInt8) COMMENT 'points at each knot',
    `computed_at` DateTime64(3, 'UTC')
)
ENGINE = MergeTree
PARTITION BY methodology
ORDER BY (network, scope, cell, kpi)
SETTINGS index_granularity = 8192;

CREATE TABLE collect_outcomes
(
    `event_id` String,
    `origin` LowCardinality(String),
    `job` String,
    `network` LowCardinality(String),
    `operation` LowCardinality(String),
    `bucket` LowCardinality(String),
    `subject` String,
    `subjects` Array(String),
    `cause` LowCardinality(String),
    `detail` Nullable(String),
    `requests` UInt64,
    `quota_left` Nullable(UInt64),
    `retry_at` Nullable(DateTime64(6, 'UTC')),
    `page` UInt64,
    `slot` DateTime64(6, 'UTC'),
    `observed` UInt64,
    `gone` Map(String, String),
    `absences` Map(String, String),
    `renamed` Map(String, String),
    `ended_at` DateTime64(6, 'UTC'),
    INDEX subjects_held subjects TYPE bloom_filter GRANULARITY 4,
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT job_given CHECK job != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT operation_given CHECK operation != '',
    CONSTRAINT subject_given CHECK subject != '',
    CONSTRAINT cause_given CHECK cause != '',
    CONSTRAINT slot_possible CHECK (toYear(slot) >= 2000) AND (toYear(slot) <= 2099),
    CONSTRAINT ended_at_possible CHECK (toYear(ended_at) >= 2000) AND (toYear(ended_at) <= 2099)
)
ENGINE = ReplacingMergeTree(ended_at)
PARTITION BY toYYYYMM(ended_at)
ORDER BY (network, ended_at, job, origin)
TTL toDateTime(ended_at) + toIntervalDay(60) WHERE origin != 'simulation', toDateTime(ended_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 8192;

CREATE TABLE erasures_applied
(
    `kind` LowCardinality(String),
    `subject` String,
    `erased_at` DateTime64(6, 'UTC'),
    `applied_at` DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, subject, erased_at)
SETTINGS index_granularity = 8192;

CREATE TABLE latest_observations
(
    `account` String,
    `origin` LowCardinality(String),
    `network` LowCardinality(String),
    `observed_at` DateTime64(6, 'UTC'),
    `followers` Nullable(UInt64),
    `following` Nullable(UInt64),
    `posts` Nullable(UInt64),
    `likes` Nullable(UInt64),
    `views` Nullable(UInt64),
    `absent` Map(LowCardinality(String), LowCardinality(String))
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (account, origin)
TTL toDateTime(observed_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 1024;

CREATE TABLE latest_outcomes
(
    `network` LowCardinality(String),
    `account` String,
    `operation` LowCardinality(String),
    `cause` LowCardinality(String),
    `origin` LowCardinality(String),
    `ended_at` DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(ended_at)
ORDER BY (network, account, operation, cause, origin)
TTL toDateTime(ended_at) + toIntervalDay(60) WHERE origin != 'simulation', toDateTime(ended_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 8192;

CREATE TABLE matches
(
    `event_id` String,
    `origin` LowCardinality(String),
    `watch` String,
    `watch_revision` UInt64,
    `subject` String,
    `subject_kind` LowCardinality(String),
    `network` LowCardinality(String),
    `address` String,
    `source` String,
    `published_at` DateTime64(6, 'UTC'),
    `observed_at` DateTime64(6, 'UTC'),
    `matched_at` DateTime64(6, 'UTC'),
    `terms` Array(String),
    `title` Nullable(String),
    `excerpt` String,
    `author` Nullable(String),
    `state` LowCardinality(String),
    `version` UInt64 MATERIALIZED (toUnixTimestamp64Micro(observed_at) * 2) + (state = 'deleted') COMMENT 'the latest state, and of one instant the deletion',
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT watch_given CHECK watch != '',
    CONSTRAINT subject_given CHECK subject != '',
    CONSTRAINT subject_kind_known CHECK subject_kind IN ('mention', 'post'),
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT address_given CHECK address != '',
    CONSTRAINT state_known CHECK state IN ('present', 'deleted'),
    CONSTRAINT published_at_possible CHECK (toYear(published_at) >= 2000) AND (toYear(published_at) <= 2099),
    CONSTRAINT observed_at_possible CHECK (toYear(observed_at) >= 2000) AND (toYear(observed_at) <= 2099),
    CONSTRAINT matched_at_possible CHECK (toYear(matched_at) >= 2000) AND (toYear(matched_at) <= 2099)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (watch, subject, origin)
TTL toDateTime(observed_at) + toIntervalDay(30) WHERE origin != 'simulation', toDateTime(observed_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 8192;

CREATE TABLE mentions
(
    `event_id` String,
    `origin` LowCardinality(String),
    `mention` String,
    `network` LowCardinality(String),
    `address` String,
    `source` String,
    `state` LowCardinality(String),
    `published_at` DateTime64(6, 'UTC'),
    `observed_at` DateTime64(6, 'UTC'),
    `title` Nullable(String),
    `text` String,
    `language` LowCardinality(Nullable(String)),
    `author` Nullable(String),
    `version` UInt64 MATERIALIZED (toUnixTimestamp64Micro(observed_at) * 2) + (state = 'deleted') COMMENT 'the latest state, and of one instant the deletion',
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT mention_given CHECK mention != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT address_given CHECK address != '',
    CONSTRAINT state_known CHECK state IN ('present', 'deleted'),
    CONSTRAINT published_at_possible CHECK (toYear(published_at) >= 2000) AND (toYear(published_at) <= 2099),
    CONSTRAINT observed_at_possible CHECK (toYear(observed_at) >= 2000) AND (toYear(observed_at) <= 2099)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (mention, origin)
TTL toDateTime(observed_at) + toIntervalDay(30) WHERE origin != 'simulation', toDateTime(observed_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 8192;

CREATE TABLE methodology_kpis
(
    `methodology` LowCardinality(String),
    `kpi` LowCardinality(String),
    `position` UInt8 COMMENT 'order of weight, from 1',
    `label` String,
    `unit` LowCardinality(String),
    `weight` UInt8,
    `networks` Array(String) COMMENT 'that publish what it is made of',
    `inherited` Bool COMMENT 'a stock gathered over years, not the work of the month',
    `explanation` String COMMENT 'French: what it is',
    `advice` String COMMENT 'French: what helps; empty where no advice is ever given'
)
ENGINE = ReplacingMergeTree
ORDER BY (methodology, kpi)
SETTINGS index_granularity = 8192;

CREATE TABLE methodology_networks
(
    `methodology` LowCardinality(String),
    `network` LowCardinality(String),
    `weight` UInt16 COMMENT 'internet users of a thousand, in France; 0 where no source says it',
    `source` String COMMENT 'French: who says it',
    `year` Nullable(UInt16) COMMENT 'of the source',
    `least_share` UInt8 COMMENT 'percent of the weights held that must have a score; of the methodology'
)
ENGINE = ReplacingMergeTree
ORDER BY (methodology, network)
SETTINGS index_granularity = 8192;

CREATE TABLE migrations
(
    `number` UInt32,
    `name` String,
    `sha256` String,
    `applied_at` DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY number
SETTINGS index_granularity = 8192;

CREATE TABLE months
(
    `period` LowCardinality(String) COMMENT 'such as 2026-10',
    `methodology` LowCardinality(String),
    `revision` UInt32,
    `state` LowCardinality(String) COMMENT 'provisional or final',
    `published` Bool COMMENT 'false: computed beside the published methodology, to compare',
    `reason` String COMMENT 'why a final month was revised',
    `bareme_reference` LowCardinality(String),
    `hash` FixedString(64) COMMENT 'SHA-256 of the month (docs/methodology.md, section 12)',
    `accounts` UInt32,
    `ranked` UInt32,
    `computed_at` DateTime64(3, 'UTC'),
    `withdrawn` String COMMENT 'why it was taken away; empty: it was not',
    `withdrawn_at` Nullable(DateTime64(3, 'UTC')),
    CONSTRAINT state_known CHECK state IN ('provisional', 'final')
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (period, methodology, revision)
SETTINGS index_granularity = 8192;

CREATE TABLE outcomes_by_account
(
    `account` String,
    `ended_at` DateTime64(6, 'UTC'),
    `job` String,
    `origin` LowCardinality(String),
    `network` LowCardinality(String),
    `operation` LowCardinality(String),
    `cause` LowCardinality(String),
    `detail` Nullable(String),
    `absence` LowCardinality(String) DEFAULT ''
)
ENGINE = ReplacingMergeTree
ORDER BY (account, ended_at, job, origin)
TTL toDateTime(ended_at) + toIntervalDay(60) WHERE origin != 'simulation', toDateTime(ended_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 1024;

CREATE TABLE post_observations
(
    `event_id` String,
    `origin` String,
    `post` String,
    `account` String,
    `network` String,
    `native_id` String,
    `address` Nullable(String),
    `state` String,
    `kind` String,
    `published_at` DateTime64(6, 'UTC'),
    `slot` DateTime64(6, 'UTC'),
    `observed_at` DateTime64(6, 'UTC'),
    `likes` Nullable(UInt64),
    `comments` Nullable(UInt64),
    `shares` Nullable(UInt64),
    `quotes` Nullable(UInt64),
    `views` Nullable(UInt64),
    `absent` Map(String, String),
    `text_length` UInt64,
    `hashtags` Array(String),
    `language` Nullable(String),
    `topics` Array(String),
    `fingerprint` Nullable(String),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT post_given CHECK post != '',
    CONSTRAINT account_given CHECK account != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT native_id_given CHECK native_id != '',
    CONSTRAINT state_known CHECK state IN ('present', 'deleted'),
    CONSTRAINT published_at_possible CHECK (toYear(published_at) >= 2000) AND (toYear(published_at) <= 2099),
    CONSTRAINT slot_possible CHECK (toYear(slot) >= 2000) AND (toYear(slot) <= 2099),
    CONSTRAINT observed_at_possible CHECK (toYear(observed_at) >= 2000) AND (toYear(observed_at) <= 2099),
    CONSTRAINT counters_possible CHECK greatest(ifNull(likes, 0), ifNull(comments, 0), ifNull(shares, 0), ifNull(quotes, 0), ifNull(views, 0), text_length) <= 4611686018427387904
)
ENGINE = ReplacingMergeTree(observed_at)
PARTITION BY toYYYYMM(slot)
ORDER BY (account, post, slot, origin)
TTL toDateTime(observed_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 8192;

CREATE TABLE post_texts
(
    `event_id` String,
    `origin` LowCardinality(String),
    `post` String,
    `account` String,
    `network` LowCardinality(String),
    `address` Nullable(String),
    `published_at` DateTime64(6, 'UTC'),
    `observed_at` DateTime64(6, 'UTC'),
    `text` String,
    `language` LowCardinality(Nullable(String)),
    CONSTRAINT event_id_given CHECK event_id != '',
    CONSTRAINT origin_known CHECK origin IN ('live', 'simulation', 'declared'),
    CONSTRAINT post_given CHECK post != '',
    CONSTRAINT account_given CHECK account != '',
    CONSTRAINT network_given CHECK network != '',
    CONSTRAINT published_at_possible CHECK (toYear(published_at) >= 2000) AND (toYear(published_at) <= 2099),
    CONSTRAINT observed_at_possible CHECK (toYear(observed_at) >= 2000) AND (toYear(observed_at) <= 2099)
)
ENGINE = ReplacingMergeTree(observed_at)
ORDER BY (account, post, origin)
TTL toDateTime(observed_at) + toIntervalDay(30) WHERE origin != 'simulation', toDateTime(observed_at) + toIntervalDay(29) WHERE (network IN ('youtube')) AND (origin != 'simulation')
SETTINGS index_granularity = 8192;

CREATE TABLE scores
(
    `period` LowCardinality(String),
    `methodology` LowCardinality(String),
    `network` LowCardinality(String),
    `category` LowCardinality(String) COMMENT 'empty when the home territory is not ranked',
    `place` UInt32 COMMENT 'order of display in the cell, ranked accounts first',
    `account` String,
    `territory` String COMMENT 'home; empty when the account has none',
    `territory_name` String,
    `stratum` LowCardinality(String),
    `departement` LowCardinality(String),
    `region` LowCardinality(String),
    `population` Nullable(UInt32),
    `handle` String,
    `address` String,
    `origin` LowCardinality(String),
    `reason` LowCardinality(String) COMMENT 'why there is no score; empty: ranked',
    `score` Nullable(UInt16),
    `low` Nullable(UInt16),
    `high` Nullable(UInt16),
    `rank` Nullable(UInt32),
    `ranked` Nullable(UInt32),
    `low_rank` Nullable(UInt32),
    `high_rank` Nullable(UInt32),
    `stratum_rank` Nullable(UInt32),
    `stratum_ranked` Nullable(UInt32),
    `stratum_low_rank` Nullable(UInt32),
    `stratum_high_rank` Nullable(UInt32),
    `previous_score` Nullable(UInt16),
    `previous_rank` Nullable(UInt32),
    `previous_stratum_rank` Nullable(UInt32),
    `following` Nullable(UInt64) COMMENT 'a count',
    `posts` Nullable(UInt32),
    `measured` Nullable(UInt32),
    `hidden_posts` Nullable(UInt32),
    `deleted_posts` Nullable(UInt32),
    `gaps` Nullable(UInt32),
    `scope` LowCardinality(String) COMMENT 'which cell of the barème served: category, family, network',
    `figures` Map(LowCardinality(String), Nullable(Int64)) DEFAULT map(),
    `points` Map(LowCardinality(String), Nullable(UInt32)) DEFAULT map(),
    PROJECTION by_territory
    (
        SELECT *
        ORDER BY
            territory,
            period,
            account
    ),
    PROJECTION by_account
    (
        SELECT *
        ORDER BY
            account,
            period
    )
)
ENGINE = MergeTree
PARTITION BY (period, methodology)
ORDER BY (network, category, place, account)
SETTINGS index_granularity = 8192;

CREATE TABLE territories
(
    `year` UInt16,
    `code` String,
    `name` String,
    `kind` LowCardinality(String),
    `nature` LowCardinality(Nullable(String)),
    `zone` LowCardinality(String),
    `category` LowCardinality(String),
    `stratum` LowCardinality(Nullable(String)),
    `ranked` Bool COMMENT 'whether rankings list it: overseas collectivités are listed, unranked',
    `population` Nullable(UInt32) COMMENT 'municipal population, inhabitants, null where none is counted',
    `departement` LowCardinality(Nullable(String)),
    `region` LowCardinality(Nullable(String)),
    `epci` Nullable(String),
    `ept` Nullable(String),
    `siren` Nullable(String),
    `covered_by` Array(String),
    `tourist` Nullable(Bool) COMMENT 'null: not known',
    `origin` LowCardinality(String) COMMENT 'registry or simulation'
)
ENGINE = MergeTree
PARTITION BY year
ORDER BY code
SETTINGS index_granularity = 8192;
