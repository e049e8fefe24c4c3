-- The disks of the engine, in bytes: those that hold its tables.
CREATE OR REPLACE VIEW disks AS
SELECT name AS disk, free_space AS free, total_space AS size
FROM system.disks
ORDER BY name
