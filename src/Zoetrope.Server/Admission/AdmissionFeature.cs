using Zoetrope.Server.Admission.Commit;
using Zoetrope.Server.Admission.Gates;
using Zoetrope.Server.Admission.Inputs;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Admission;

/// <summary>May it start: from drafts to committed tasks. Who hears of a commit registers a <see cref="CommitListener"/>.</summary>
internal static class AdmissionFeature
{
    /// <param name="services">It needs <c>AddEgress</c>, <c>AddArtifacts</c>, <c>AddStorage</c> and <c>AddProviders</c>.</param>
    /// <param name="creditsLowBelow">Credits below which an account is notified, unless it set its own figure; 0 is never.</param>
    /// <param name="idempotencyHours">Hours that an idempotency key is kept.</param>
    /// <param name="testTasksPerDay">Tasks that an account's test keys may start in a day; 0 is any number.</param>
    public static IServiceCollection AddAdmission(
        this IServiceCollection services, long creditsLowBelow, int idempotencyHours, int testTasksPerDay) => services
        .AddInputResolver()
        .AddSingleton<Routing>()
        .AddSingleton<Admit>()
        .AddSingleton(provider => new CreditAlerts(provider.GetRequiredService<Database>(), creditsLowBelow))
        .AddSingleton(provider => new TestTasks(
            provider.GetRequiredService<Database>(), testTasksPerDay, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<CommitMetrics>()
        .AddSingleton<IRetention>(provider =>
            new IdempotencyRetention(
                provider.GetRequiredService<Database>(), idempotencyHours, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<CommitLane>();

    public static IServiceCollection AddInputResolver(this IServiceCollection services) => services
        .AddSingleton<InputSource>()
        .AddSingleton<InputStorage>()
        .AddSingleton<InputResolver>();
}
