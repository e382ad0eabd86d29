namespace Zoetrope.Server.Doors.Entry;

/// <summary>The door of people: how they come in, prove who they are, and belong to accounts.</summary>
internal static class EntryFeature
{
    public static IServiceCollection AddEntry(this IServiceCollection services) => services
        .AddSingleton<Entrance>()
        .AddSingleton<PersonPassword>()
        .AddSingleton<SecurityEnds>()
        .AddSingleton<SecurityActions>()
        .AddSingleton<SecurityPage>()
        .AddScoped<Ceremony>();

    public static IEndpointRouteBuilder MapEntry(this IEndpointRouteBuilder routes) =>
        routes.MapSessionEndpoints().MapPersonEndpoints().MapPasskeyEndpoints().MapMemberEndpoints().MapEntryForms();
}
