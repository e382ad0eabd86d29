using System.Collections.Immutable;

namespace Zoetrope.Server.Catalog.Models;

/// <summary>Credits by the values of zero or more parameters, flattened so that a price is one array read.</summary>
/// <param name="Keys">Places of the key parameters in the model.</param>
/// <param name="Parameters">The key parameters themselves.</param>
/// <param name="Cells">Credits in row-major order of the keys' values.</param>
internal sealed record PriceTable(ImmutableArray<int> Keys, ImmutableArray<ParameterSpec> Parameters, ImmutableArray<long> Cells)
{
    /// <summary>The price of these values, or null when a key has no listed value: unknown is never free.</summary>
    public long? Find(ReadOnlySpan<ParameterValue> values)
    {
        var cell = 0;
        for (var i = 0; i < Keys.Length; i++)
        {
            var ordinal = Parameters[i].OrdinalOf(values[Keys[i]]);
            var count = Parameters[i].Cardinality!.Value;
            if (ordinal < 0 || ordinal >= count)
            {
                return null;
            }

            cell = (cell * count) + ordinal;
        }

        return Cells[cell] > 0 ? Cells[cell] : null;
    }

    public long Lowest => Cells.Min();
}
