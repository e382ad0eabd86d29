using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Catalog;
using Zoetrope.Server.Catalog.Models;
using Zoetrope.Server.Providers;

namespace Zoetrope.Server.Hosting;

/// <summary>
/// The settings of one server: the defaults inside the program, then vendors' own variables (<c>FAL_KEY</c>), then
/// <c>zoetrope.json</c> in the data directory, then <c>Zoetrope__Section__Key</c> from the environment. Slices get bound
/// options, never the configuration itself.
/// </summary>
internal sealed class Settings
{
    /// <summary>Properties that are settings of the whole server under another name.</summary>
    private static readonly HashSet<(Type, string)> GivenByHost =
        [
            (typeof(ArtifactOptions), nameof(ArtifactOptions.DataDirectory)),
            (typeof(ArtifactOptions), nameof(ArtifactOptions.PublicUrl)),
            (typeof(CatalogOptions), nameof(CatalogOptions.Providers)),
        ];

    private const string DefaultsLayer = "defaults";
    private const string VendorLayer = "vendors";
    private const string EnvironmentLayer = "environment";

    private readonly IConfigurationRoot _values;
    private readonly HashSet<string> _known;
    private readonly IReadOnlyList<string> _layers;
    private readonly IReadOnlyDictionary<string, string> _vendorVariables;
    private readonly HashSet<KeyValuePair<string, Type>> _bound = [];

    private Settings(
        IConfigurationRoot values,
        HashSet<string> known,
        IReadOnlyList<string> layers,
        IReadOnlyDictionary<string, string> vendorVariables) =>
        (_values, _known, _layers, _vendorVariables) = (values, known, layers, vendorVariables);

    /// <summary>Which options class was bound to which section; the defaults file is held against it by a test.</summary>
    public IReadOnlyCollection<KeyValuePair<string, Type>> Bound => _bound;

    /// <summary>The names of the defaults file, as <c>Section:Key</c>.</summary>
    public IReadOnlySet<string> Known => _known;

    /// <summary>The vendors that these settings are of.</summary>
    public IReadOnlyList<VendorRegistration> Vendors { get; private set; } = [];

    public static Settings Load(HostSettings host)
    {
        var settings = Load(host, [.. host.Vendors.Select(vendor => vendor.Profile)]);
        settings.Vendors = host.Vendors;
        return settings;
    }

    /// <param name="host">Where the layers are.</param>
    /// <param name="vendors">Whose own variables count.</param>
    public static Settings Load(HostSettings host, IReadOnlyList<ProviderProfile> vendors)
    {
        var defaults = new ConfigurationBuilder().AddJsonStream(DefaultsFile()).Build();
        var variables = VendorVariables(host, vendors);

        // Below the file: a vendor's variable is often there for another program, and what was written for this server wins.
        var builder = new ConfigurationBuilder().AddConfiguration(defaults)
            .AddInMemoryCollection(variables.Select(pair => KeyValuePair.Create(pair.Key, (string?)host.Variables![pair.Value])));
        var layers = new List<string> { DefaultsLayer, VendorLayer };
        var file = Path.Combine(host.DataDirectory, "zoetrope.json");
        if (File.Exists(file))
        {
            // Read once as a stream: a file provider would also watch the directory.
            builder.AddJsonStream(new MemoryStream(File.ReadAllBytes(file)));
            layers.Add(file);
        }

        builder.AddEnvironmentVariables("Zoetrope__").AddInMemoryCollection(host.Overrides ?? new Dictionary<string, string?>());
        layers.AddRange([EnvironmentLayer, EnvironmentLayer]);
        try
        {
            // A vendor has the settings of every vendor, whether the defaults name them or not.
            var ofVendors = vendors.SelectMany(
                vendor => LeavesOf(typeof(ProviderOptions), $"Providers:{vendor.Name}:")).Select(leaf => leaf.Path);
            return new Settings(builder.Build(), [.. Leaves(defaults).Concat(ofVendors)], layers, variables);
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw new StartException("INVALID_SETTING", $"{file}: {exception.Message}", StartException.BadSettings);
        }
    }

    /// <summary>Where a setting's value comes from: a variable's name or the file's path; null for the default or an empty value.</summary>
    public string? SourceOf(string path)
    {
        var providers = _values.Providers.ToList();
        for (var layer = providers.Count - 1; layer >= 0; layer--)
        {
            if (providers[layer].TryGet(path, out var value))
            {
                return value is not { Length: > 0 } ? null : _layers[layer] switch
                {
                    DefaultsLayer => null,
                    VendorLayer => _vendorVariables[path],
                    EnvironmentLayer => VariableName(path),
                    var file => file,
                };
            }
        }

        return null;
    }

    public static Stream DefaultsFile() => typeof(Settings).Assembly.GetManifestResourceStream("zoetrope.defaults.json")!;

    public static string VariableName(string path) => "Zoetrope__" + path.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>Reads and checks a section; an empty name is the root.</summary>
    public T Bind<T>(string section)
        where T : class, new() => (T)Bind(typeof(T), section);

    public object Bind(Type type, string section)
    {
        foreach (var part in PartsOf(section, type))
        {
            _bound.Add(part);
        }

        IConfiguration values = section.Length == 0 ? _values : _values.GetSection(section);
        var prefix = section.Length == 0 ? "" : section + ":";
        object options;
        try
        {
            options = values.Get(type) ?? Activator.CreateInstance(type)!;
        }
        catch (InvalidOperationException)
        {
            throw Unreadable(section, type);
        }

        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
        {
            var path = prefix + results[0].MemberNames.FirstOrDefault();
            throw StartException.BadSetting(path, $"{results[0].ErrorMessage?.TrimEnd('.')}. Its value is '{_values[path]}'.");
        }

        return options;
    }

    /// <summary>The artifact options with what the host knows; the address is corrected once the server listens.</summary>
    public ArtifactOptions BindArtifacts(string dataDirectory)
    {
        var options = Bind<ArtifactOptions>("Artifacts");
        options.DataDirectory = dataDirectory;
        return options;
    }

    public CatalogOptions BindCatalog()
    {
        var options = Bind<CatalogOptions>("Catalog");
        options.Providers = ProvidersFeature.ForRoutes(Vendors);
        return options;
    }

    /// <summary>
    /// A fingerprint of what all nodes of a cluster should share: everything but where each listens, what it does and how it logs.
    /// </summary>
    public string Print()
    {
        var own = new[] { "Cluster", "Roles", "Logging", "Telemetry", "Database", "Secrets", "Admin", "Bootstrap", "PublicUrl" };
        var shared = _known.Where(name => !own.Contains(name.Split(':')[0], StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.OrdinalIgnoreCase)
            .Select(name => $"{name}={_values[name]}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(shared))))[..12];
    }

    /// <summary>One line for every name that is not a setting: a typing mistake must not look like a setting that works.</summary>
    public IEnumerable<string> UnknownNames() =>
        from name in Leaves(_values)
        where !_known.Contains(name)
        let nearest = EditDistance.Nearest(name, _known)
        let meant = nearest is null ? "" : $" Did you mean {VariableName(nearest)}?"
        select $"{VariableName(name)} is not a setting and is ignored.{meant}";

    /// <summary>The leaf settings of an options class, as <c>Section:Key</c>.</summary>
    public static IEnumerable<(string Path, Type Type)> LeavesOf(Type options, string prefix) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite && !GivenByHost.Contains((options, property.Name)))
            .SelectMany(property =>
                property.PropertyType.Namespace!.StartsWith("Zoetrope", StringComparison.Ordinal) && property.PropertyType.IsClass
                    ? LeavesOf(property.PropertyType, prefix + property.Name + ":")
                    : [(prefix + property.Name, property.PropertyType)]);

    // A dictionary of options is a section per name, and the names are those of the defaults.
    private IEnumerable<KeyValuePair<string, Type>> PartsOf(string section, Type options) =>
        options.BaseType is { IsGenericType: true } dictionary && dictionary.GetGenericTypeDefinition() == typeof(Dictionary<,>)
            ? _known.Where(name => name.StartsWith(section + ":", StringComparison.OrdinalIgnoreCase))
                .Select(name => KeyValuePair.Create(name[..name.LastIndexOf(':')], dictionary.GenericTypeArguments[1]))
                .Distinct()
            : [KeyValuePair.Create(section, options)];

    private StartException Unreadable(string section, Type options)
    {
        var leaves = PartsOf(section, options).SelectMany(part => LeavesOf(part.Value, part.Key.Length == 0 ? "" : part.Key + ":"));
        var (path, type) = leaves.First(leaf => _values[leaf.Path] is { } text && !TypeDescriptor.GetConverter(leaf.Type).IsValid(text));
        var kind = Nullable.GetUnderlyingType(type) ?? type;
        var wanted = kind.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(kind))
            : kind == typeof(bool) ? "true or false"
            : kind == typeof(TimeSpan) ? "a duration of the form hours:minutes:seconds"
            : "a number";
        return StartException.BadSetting(path, $"'{_values[path]}' is not {wanted}.");
    }

    // By setting, the first of the vendor's variables that holds something.
    private static Dictionary<string, string> VendorVariables(HostSettings host, IReadOnlyList<ProviderProfile> vendors) =>
        (from profile in vendors
         let variable = profile.KeyVariables.FirstOrDefault(name => host.Variables?.GetValueOrDefault(name) is { Length: > 0 })
         where variable is not null
         select KeyValuePair.Create($"Providers:{profile.Name}:ApiKey", variable)).ToDictionary(StringComparer.OrdinalIgnoreCase);

    private static HashSet<string> Leaves(IConfiguration values) => values.AsEnumerable()
        .Where(pair => !values.GetSection(pair.Key).GetChildren().Any())
        .Select(pair => pair.Key)
        .ToHashSet(StringComparer.OrdinalIgnoreCase);
}
