using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Usage;

/// <summary>A table of sums by some columns: adding to its rows, one by one on SQLite, over arrays on PostgreSQL.</summary>
internal sealed class UsageTable<TKey>
{
    private const string Account = "account_id";

    private static readonly (string Name, Func<UsageSum, long> Value)[] Sums =
    [
        ("tasks", sum => sum.Tasks), ("charged", sum => sum.Charged), ("refunded", sum => sum.Refunded), ("media_ms", sum => sum.MediaMs),
        ("bytes", sum => sum.Bytes), ("cost_micros", sum => sum.CostMicros),
    ];

    private readonly (string Name, Func<TKey, object> Value)[] _keys;
    private readonly string _one;
    private readonly string _many;

    public UsageTable(string name, (string Name, Func<TKey, object> Value)[] keys)
    {
        _keys = keys;
        string[] columns = [.. keys.Select(key => key.Name), .. Sums.Select(sum => sum.Name)];
        var (list, parameters) = (string.Join(", ", columns), string.Join(", ", columns.Select(column => "@" + column)));
        var into = $"insert into {name} ({Account}, {list})";
        var adding = $"on conflict ({Account}, {string.Join(", ", keys.Select(key => key.Name))}) do update set "
            + string.Join(", ", Sums.Select(sum => $"{sum.Name} = {name}.{sum.Name} + excluded.{sum.Name}"));
        _one = $"{into} values (@{Account}, {parameters}) {adding}";
        _many = $"{into} select @{Account}, {list} from unnest({parameters}) as given ({list}) {adding}";
    }

    public async Task AddAsync(Tx tx, string account, List<KeyValuePair<TKey, UsageSum>> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        if (tx.Dialect is SqlDialect.Postgres)
        {
            var arrays = new Dictionary<string, object?> { [Account] = account };
            foreach (var (name, value) in _keys)
            {
                arrays[name] = value(rows[0].Key) is string
                    ? rows.ConvertAll(row => (string)value(row.Key)).ToArray()
                    : rows.ConvertAll(row => (long)value(row.Key)).ToArray();
            }

            foreach (var (name, value) in Sums)
            {
                arrays[name] = rows.ConvertAll(row => value(row.Value)).ToArray();
            }

            await tx.ExecuteAsync(_many, arrays);
            return;
        }

        foreach (var (key, sum) in rows)
        {
            var values = new Dictionary<string, object?> { [Account] = account };
            foreach (var (name, value) in _keys)
            {
                values[name] = value(key);
            }

            foreach (var (name, value) in Sums)
            {
                values[name] = value(sum);
            }

            await tx.ExecuteAsync(_one, values);
        }
    }
}
