namespace Zoetrope.Server.Providers;

/// <summary>Reads and checks a section of the settings; the host gives it, because settings are the host's.</summary>
internal delegate object OptionsBinder(Type options, string section);

/// <summary>A vendor that the server can call once it is configured.</summary>
/// <param name="Profile">What is known of it before.</param>
/// <param name="Bind">Reads the vendor's own settings, if it has any, whether it is configured or not, and says how its
/// adapter is made.</param>
internal sealed record VendorRegistration(ProviderProfile Profile, Func<OptionsBinder, Func<ProviderTools, IProviderAdapter>> Bind);

/// <summary>A vendor with its settings.</summary>
internal sealed record Vendor(ProviderProfile Profile, Func<ProviderTools, IProviderAdapter> Create);

/// <summary>The vendors in the making: each adds itself in its own folder.</summary>
internal sealed class VendorList
{
    private readonly List<VendorRegistration> _all = [];

    public IReadOnlyList<VendorRegistration> All => _all;

    public VendorList Add(ProviderProfile profile, Func<ProviderTools, IProviderAdapter> create)
    {
        _all.Add(new VendorRegistration(profile, _ => create));
        return this;
    }

    /// <summary>A vendor that has settings of its own beside key and address.</summary>
    /// <param name="profile">What is known of it.</param>
    /// <param name="section">Where its settings are.</param>
    /// <param name="create">Makes the adapter.</param>
    public VendorList Add<TOptions>(ProviderProfile profile, string section, Func<ProviderTools, TOptions, IProviderAdapter> create)
        where TOptions : class, new()
    {
        _all.Add(new VendorRegistration(profile, bind =>
        {
            var options = (TOptions)bind(typeof(TOptions), section);
            return tools => create(tools, options);
        }));
        return this;
    }
}
