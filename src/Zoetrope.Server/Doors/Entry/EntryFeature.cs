using Zoetrope.Server.Doors.Entry.Outside;
using Zoetrope.Server.People.Outside;

namespace Zoetrope.Server.Doors.Entry;

/// <summary>The door of people: how they come in, prove who they are, and belong to accounts.</summary>
internal static class EntryFeature
{
    public static IServiceCollection AddEntry(this IServiceCollection services, OutsideOptions outside) => services
        .AddOutsideScheme(outside)
        .AddSingleton<OutsideSessions>()
        .AddSingleton<OutsideReturn>()
        .AddScoped<OutsideBegin>()
        .AddSingleton<SecurityRows>()
        .AddSingleton<Entrance>()
        .AddSingleton<PersonPassword>()
        .AddSingleton<SecurityEnds>()
        .AddSingleton<SecurityActions>()
        .AddSingleton<SecurityPage>()
        .AddScoped<Ceremony>();

    public static IEndpointRouteBuilder MapEntry(this IEndpointRouteBuilder routes) =>
        routes.MapSessionEndpoints().MapPersonEndpoints().MapPasskeyEndpoints().MapMemberEndpoints().MapEntryForms().MapOutside();
}
