"""chDB, the ClickHouse engine as a wheel, behind the ClickHouse HTTP interface."""
