-- The verified accounts of a handle, in lower case and without « @ », with or without its server.
CREATE OR REPLACE VIEW accounts_named AS
SELECT
    account, network, handle,
    tupleElement(arrayFirst(o -> o.home, owners), 'territory') AS territory
FROM accounts FINAL
WHERE state = 'verified' AND owner_kind = 'collectivité' AND territory != ''
    AND {handle:String} != ''
    AND (lowerUTF8(handle) = {handle:String}
        OR splitByChar('@', lowerUTF8(handle))[1] = {handle:String})
ORDER BY network, handle
LIMIT 30
