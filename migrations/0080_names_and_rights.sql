-- The earlier programs' names for what is here, and everybody's rights: made once, when all of it is there, since each making
-- looks at every table. A later migration that adds a table or a view calls make_roles() at its end; one that changes a
-- column those names show calls drop_compatibility() first and make_compatibility() last.

-- A name that cannot be made does not stop the schema: the registry says which, and why.
select operational.make_compatibility();

-- What the default rights give on a view beyond reading is taken back.
do $$
declare
    remaining bigint;
begin
    select count(*) into remaining from operational.make_roles();
    if remaining > 0 then
        raise notice '% statements about roles need somebody with more rights', remaining
            using hint = 'linetape database grants prints them.';
    end if;
end $$;
