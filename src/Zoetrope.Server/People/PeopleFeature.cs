using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Zoetrope.Server.People.Mail;
using Zoetrope.Server.People.Outside;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.People;

/// <summary>People, their roles in accounts, and how they prove who they are.</summary>
internal static class PeopleFeature
{
    public static IServiceCollection AddPeople(
        this IServiceCollection services, OutsideOptions outside, MailOptions mail, string dataDirectory)
    {
        services.AddIdentityCore<Person>().AddUserStore<PasskeyStore>();
        services.Configure<IdentityPasskeyOptions>(static options =>
        {
            // A passkey is all that is asked for, so it must know who holds it and be found without a name.
            options.UserVerificationRequirement = "required";
            options.ResidentKeyRequirement = "required";
        });
        return services
            .AddScoped<IPasskeyHandler<Person>, PasskeyHandler<Person>>()
            .AddSingleton<PasskeyStore>()
            .AddSingleton(_ => new PeopleKeys(dataDirectory))
            .AddSingleton(static provider => new SecretHolder(
                PeopleKeys.Root.Name, () => provider.GetRequiredService<PeopleKeys>().Reload()))
            .AddSingleton<IDataProtectionProvider>(static provider => new SealedProtection(provider.GetRequiredService<PeopleKeys>()))
            .AddSingleton<PersonStore>()
            .AddSingleton<Passwords>()
            .AddSingleton<SignInAttempts>()
            .AddSingleton<SecondFactor>()
            .AddSingleton<SignIn>()
            .AddSingleton<Sessions>()
            .AddSingleton<Memberships>()
            .AddSingleton<Members>()
            .AddSingleton<Invitations>()
            .AddSingleton<WelcomeLinks>()
            .AddSingleton<Welcome>()
            .AddSingleton(mail)
            .AddSingleton<Mailer>()
            .AddSingleton<InvitationMail>()
            .AddSingleton(outside)
            .AddSingleton<OutsideLogins>()
            .AddSingleton<ClaimedPlaces>()
            .AddSingleton<Newcomers>()
            .AddSingleton<OutsideSignIn>()
            .AddSingleton<IRetention, SessionRetention>();
    }
}
