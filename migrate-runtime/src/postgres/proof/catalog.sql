WITH ns AS (
    SELECT oid, nspname, CASE WHEN nspname = HOME THEN '' ELSE nspname || '.' END AS prefix
    FROM pg_catalog.pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND nspname !~ '^pg_(temp|toast_temp)_'
), member AS (
    SELECT classid, objid FROM pg_catalog.pg_depend WHERE deptype = 'e'
), rel AS (
    SELECT c.oid, c.relkind, c.reltype, c.relpersistence, c.relispartition, c.relrowsecurity,
        c.relforcerowsecurity, c.reloptions, c.relreplident, c.relpartbound, c.relacl, c.relowner,
        ns.prefix || c.relname AS shown
    FROM pg_catalog.pg_class c JOIN ns ON ns.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM member m
        WHERE m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = c.oid)
), con AS (
    SELECT o.* FROM pg_catalog.pg_constraint o WHERE o.contype NOT IN ('n', 't')
)

SELECT 'schema' AS kind, nspname AS name, '' AS on_table, '' AS definition
FROM ns
WHERE NOT EXISTS (SELECT FROM member m
    WHERE m.classid = 'pg_catalog.pg_namespace'::regclass AND m.objid = ns.oid)

UNION ALL
SELECT 'extension', extname, '', 'in the schema ' || n.nspname
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
WHERE e.oid >= 16384

UNION ALL
SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE 'type' END,
    ns.prefix || t.typname, '',
    CASE t.typtype
        WHEN 'e' THEN (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(l.enumlabel), ', '
            ORDER BY l.enumsortorder) FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid)
        WHEN 'd' THEN pg_catalog.concat_ws(' ', pg_catalog.format_type(t.typbasetype, t.typtypmod),
            CASE WHEN t.typnotnull THEN 'NOT NULL' END, 'DEFAULT ' || t.typdefault,
            (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(con.oid), ' '
                ORDER BY con.conname) FROM con WHERE con.contypid = t.oid))
        WHEN 'c' THEN (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' ' ||
                pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
        WHEN 'r' THEN (SELECT 'RANGE OF ' || pg_catalog.format_type(r.rngsubtype, NULL)
            FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
        ELSE t.typtype::text
    END
FROM pg_catalog.pg_type t JOIN ns ON ns.oid = t.typnamespace
WHERE (t.typtype IN ('e', 'd', 'r')
        OR t.typtype = 'b' AND t.typcategory <> 'A'
        OR t.typtype = 'c' AND EXISTS (SELECT FROM pg_catalog.pg_class c
            WHERE c.oid = t.typrelid AND c.relkind = 'c'))
    AND NOT EXISTS (SELECT FROM member m
        WHERE m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = t.oid)

UNION ALL
SELECT 'sequence', rel.shown, coalesce(owner.shown, ''), pg_catalog.concat_ws(' ',
    pg_catalog.format_type(s.seqtypid, NULL), 'START', s.seqstart, 'INCREMENT', s.seqincrement,
    'MINVALUE', s.seqmin, 'MAXVALUE', s.seqmax, 'CACHE', s.seqcache,
    CASE WHEN s.seqcycle THEN 'CYCLE' END, 'OWNED BY ' || owner.shown || '.' || owner.attname)
FROM pg_catalog.pg_sequence s JOIN rel ON rel.oid = s.seqrelid
LEFT JOIN LATERAL (
    SELECT r.shown, a.attname FROM pg_catalog.pg_depend d
    JOIN rel r ON r.oid = d.refobjid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype = 'a'
) owner ON true
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype = 'i')

UNION ALL
SELECT CASE rel.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
        WHEN 'f' THEN 'foreign table' ELSE 'table' END,
    rel.shown, rel.shown, pg_catalog.concat_ws(' ',
        CASE rel.relpersistence WHEN 'u' THEN 'UNLOGGED' END,
        CASE WHEN rel.relkind = 'p' THEN 'PARTITION BY ' || pg_catalog.pg_get_partkeydef(rel.oid) END,
        (SELECT pg_catalog.string_agg(CASE WHEN rel.relispartition THEN 'PARTITION OF ' ELSE 'INHERITS ' END
            || i.inhparent::regclass::text, ' ' ORDER BY i.inhseqno)
            FROM pg_catalog.pg_inherits i WHERE i.inhrelid = rel.oid),
        pg_catalog.pg_get_expr(rel.relpartbound, rel.oid),
        CASE WHEN rel.relrowsecurity THEN 'ROW LEVEL SECURITY' END,
        CASE WHEN rel.relforcerowsecurity THEN 'FORCED' END,
        CASE WHEN rel.relreplident NOT IN ('d', 'n') THEN 'REPLICA IDENTITY ' || rel.relreplident::text END,
        'WITH (' || pg_catalog.array_to_string(rel.reloptions, ', ') || ')',
        CASE WHEN rel.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(rel.oid) END)
FROM rel WHERE rel.relkind IN ('r', 'p', 'f', 'v', 'm')

UNION ALL
SELECT 'column', rel.shown || '.' || a.attname, rel.shown, pg_catalog.concat_ws(' ',
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation <> t.typcollation THEN 'COLLATE ' || a.attcollation::regcollation::text END,
    CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    CASE a.attgenerated WHEN '' THEN 'DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)
        ELSE 'GENERATED ALWAYS AS (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ')'
            || CASE a.attgenerated WHEN 's' THEN ' STORED' ELSE '' END END,
    CASE a.attidentity WHEN 'a' THEN 'GENERATED ALWAYS AS IDENTITY'
        WHEN 'd' THEN 'GENERATED BY DEFAULT AS IDENTITY' END)
FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE rel.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped

UNION ALL
SELECT 'constraint', rel.shown || '.' || con.conname, rel.shown,
    pg_catalog.pg_get_constraintdef(con.oid)
FROM con JOIN rel ON rel.oid = con.conrelid
WHERE con.conislocal OR con.coninhcount = 0

UNION ALL
SELECT 'index', i.shown, rel.shown, pg_catalog.pg_get_indexdef(x.indexrelid)
    || CASE WHEN x.indisvalid THEN '' ELSE ' (INVALID)' END
FROM pg_catalog.pg_index x JOIN rel i ON i.oid = x.indexrelid JOIN rel ON rel.oid = x.indrelid
WHERE NOT EXISTS (SELECT FROM con WHERE con.conindid = x.indexrelid AND con.contype IN ('p', 'u', 'x'))

UNION ALL
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
    ns.prefix || p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', '',
    CASE p.prokind WHEN 'a' THEN (SELECT pg_catalog.concat_ws(' ', g.aggtransfn, g.aggfinalfn,
            pg_catalog.format_type(g.aggtranstype, NULL), g.agginitval)
        FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid = p.oid)
    ELSE pg_catalog.pg_get_functiondef(p.oid) END
FROM pg_catalog.pg_proc p JOIN ns ON ns.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))

UNION ALL
SELECT 'trigger', rel.shown || '.' || g.tgname, rel.shown,
    pg_catalog.pg_get_triggerdef(g.oid) || CASE g.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' (DISABLED)'
        ELSE ' (' || g.tgenabled::text || ')' END
FROM pg_catalog.pg_trigger g JOIN rel ON rel.oid = g.tgrelid
WHERE NOT g.tgisinternal AND g.tgparentid = 0

UNION ALL
SELECT 'policy', rel.shown || '.' || p.polname, rel.shown, pg_catalog.concat_ws(' ',
    CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, 'FOR', p.polcmd::text,
    'TO', (SELECT pg_catalog.string_agg(CASE WHEN o = 0 THEN 'public' ELSE o::regrole::text END, ', ')
        FROM pg_catalog.unnest(p.polroles) o),
    'USING ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid),
    'WITH CHECK ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_catalog.pg_policy p JOIN rel ON rel.oid = p.polrelid

UNION ALL
SELECT 'rule', rel.shown || '.' || r.rulename, rel.shown, pg_catalog.pg_get_ruledef(r.oid)
FROM pg_catalog.pg_rewrite r JOIN rel ON rel.oid = r.ev_class
WHERE r.rulename <> '_RETURN'

UNION ALL
SELECT 'statistics', ns.prefix || s.stxname, rel.shown, pg_catalog.pg_get_statisticsobjdef(s.oid)
FROM pg_catalog.pg_statistic_ext s JOIN ns ON ns.oid = s.stxnamespace JOIN rel ON rel.oid = s.stxrelid

UNION ALL
SELECT 'grant', acl.privilege_type || ' on ' || rel.shown || ' to '
        || CASE acl.grantee WHEN 0 THEN 'public' ELSE acl.grantee::regrole::text END, rel.shown,
    CASE WHEN acl.is_grantable THEN 'WITH GRANT OPTION' ELSE '' END
FROM rel, pg_catalog.aclexplode(rel.relacl) acl
WHERE acl.grantee <> rel.relowner

UNION ALL
SELECT id.type, id.identity, '', ''
FROM (
    SELECT 'pg_catalog.pg_event_trigger'::regclass AS class, oid FROM pg_catalog.pg_event_trigger
    UNION ALL SELECT 'pg_catalog.pg_publication'::regclass, oid FROM pg_catalog.pg_publication
    UNION ALL SELECT 'pg_catalog.pg_foreign_server'::regclass, oid FROM pg_catalog.pg_foreign_server
    UNION ALL SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid
        FROM pg_catalog.pg_foreign_data_wrapper
    UNION ALL SELECT 'pg_catalog.pg_operator'::regclass, oid FROM pg_catalog.pg_operator
    UNION ALL SELECT 'pg_catalog.pg_opclass'::regclass, oid FROM pg_catalog.pg_opclass
    UNION ALL SELECT 'pg_catalog.pg_opfamily'::regclass, oid FROM pg_catalog.pg_opfamily
    UNION ALL SELECT 'pg_catalog.pg_cast'::regclass, oid FROM pg_catalog.pg_cast
    UNION ALL SELECT 'pg_catalog.pg_collation'::regclass, oid FROM pg_catalog.pg_collation
    UNION ALL SELECT 'pg_catalog.pg_conversion'::regclass, oid FROM pg_catalog.pg_conversion
    UNION ALL SELECT 'pg_catalog.pg_ts_config'::regclass, oid FROM pg_catalog.pg_ts_config
    UNION ALL SELECT 'pg_catalog.pg_ts_dict'::regclass, oid FROM pg_catalog.pg_ts_dict
    UNION ALL SELECT 'pg_catalog.pg_language'::regclass, oid FROM pg_catalog.pg_language
) other, pg_catalog.pg_identify_object(other.class, other.oid, 0) id
WHERE other.oid >= 16384 AND NOT EXISTS (SELECT FROM member m
    WHERE m.classid = other.class AND m.objid = other.oid)

UNION ALL
SELECT 'comment', id.type || ' ' || id.identity, coalesce(rel.shown, of_index.shown, ''), c.description
FROM pg_catalog.pg_description c
CROSS JOIN LATERAL pg_catalog.pg_identify_object(c.classoid, c.objoid, c.objsubid) id
LEFT JOIN rel ON c.classoid = 'pg_catalog.pg_class'::regclass AND rel.oid = c.objoid AND rel.relkind <> 'i'
LEFT JOIN pg_catalog.pg_index x ON c.classoid = 'pg_catalog.pg_class'::regclass AND x.indexrelid = c.objoid
LEFT JOIN rel of_index ON of_index.oid = x.indrelid
WHERE c.objoid >= 16384 AND NOT EXISTS (SELECT FROM member m
    WHERE m.classid = c.classoid AND m.objid = c.objoid)
    AND c.classoid <> 'pg_catalog.pg_extension'::regclass
