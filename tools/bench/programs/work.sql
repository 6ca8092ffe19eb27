-- Joins, indices, aggregates, windows and strings; the table `size` scales the work.
pragma journal_mode = off;
create table item (id integer primary key, category integer, price integer, name text);
with recursive n(i) as (select 1 union all select i + 1 from n, size where i < size.n)
insert into item select i, i * 7919 % 101, i * 104729 % 10007, 'item ' || (i * 31 % 9973) from n;
create index item_by_category on item (category, price);
create index item_by_name on item (name);
select category, count(*), sum(price), min(name), max(name) from item group by category order by 3 desc limit 5;
select count(*), sum(a.price - b.price) from item a join item b on b.id = a.price + 1 where a.category < 50;
select sum(rank) from (select rank() over (partition by category order by price, id) as rank from item);
update item set price = price + 1, name = upper(name) where category % 3 = 0;
select count(distinct name), sum(length(replace(name, 'TEM', 'x'))), total(price * 0.5) from item where name like 'i%7%';
delete from item where id % 5 = 0;
with recursive c(x) as (values (1) union all select x + 1 from c, size where x < size.n * 2) select sum(x * x % 11) from c;
select count(*), group_concat(name) from (select name from item order by price desc, id limit 5);
