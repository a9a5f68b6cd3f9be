"""An exact index on a Milvus cluster."""
