from typing import Any

class AIOKafkaConnection:
    def close(self) -> None: ...

async def create_conn(
    host: str, port: int, *, request_timeout_ms: int = ..., **settings: Any
) -> AIOKafkaConnection: ...
