using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Zoetrope.Server.Catalog.Schema;

/// <summary>One type of the catalogue: its fields by their names in JSON, in order.</summary>
internal sealed class Contract
{
    private static readonly ConcurrentDictionary<Type, Contract> Known = new();

    private Contract(JsonTypeInfo type)
    {
        Type = type.Type;
        Fields = new OrderedDictionary<string, ContractField>(type.Properties.Select(property => KeyValuePair.Create(
            property.Name,
            new ContractField(property.Name, Info(property.PropertyType), About(property.AttributeProvider!)))));
        Kinds = Fields.TryGetValue("type", out var kind) ? Words(kind.Type) : [];
        Description = About(type.Type).Description;
    }

    public Type Type { get; }

    public string Description { get; }

    public OrderedDictionary<string, ContractField> Fields { get; }

    /// <summary>The values of <c>type</c>, where the object has one.</summary>
    public IReadOnlyList<string> Kinds { get; }

    public static Contract Of(JsonTypeInfo type) => Known.GetOrAdd(type.Type, static (_, type) => new Contract(type), type);

    public static JsonTypeInfo Info(Type type) => CatalogJson.Default.GetTypeInfo(type)!;

    /// <summary>The texts by which the catalogue says the values of an enum.</summary>
    public static IReadOnlyList<string> Words(JsonTypeInfo type)
    {
        var values = Enum.GetValues(Nullable.GetUnderlyingType(type.Type) ?? type.Type);
        return [.. values.Cast<object>().Select(value => JsonSerializer.SerializeToElement(value, type).GetString()!)];
    }

    private static FieldAttribute About(ICustomAttributeProvider source) =>
        (FieldAttribute)source.GetCustomAttributes(typeof(FieldAttribute), inherit: false).Single();
}

internal sealed record ContractField(string Name, JsonTypeInfo Type, FieldAttribute About);
