using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Zoetrope.Server;
using Zoetrope.Server.Hosting.Cluster;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Hosting.Cluster;

/// <summary>The port between nodes speaks with nobody who does not show the nodes' certificate.</summary>
public sealed class SiloTlsTests
{
    [Fact]
    public async Task The_silo_port_answers_only_whoever_has_the_nodes_certificate_and_a_node_with_another_does_not_start()
    {
        TestPostgres.SkipIfAbsent();
        var postgres = await TestPostgres.CreateAsync(migrated: true);
        try
        {
            var environment = new Dictionary<string, string?> { ["Zoetrope__Database__ConnectionString"] = postgres };
            await using var server = await ServerProcess.StartAsync(environment);
            var port = int.Parse(await File.ReadAllTextAsync(Path.Combine(server.DataDirectory, "silo-port"), TestContext.Current.CancellationToken));
            var own = SecretFiles.Read(SecretFiles.PathOf(server.DataDirectory, SiloCertificate.Secret.Name))!;
            using var right = X509CertificateLoader.LoadPkcs12(own, null);
            using var wrong = X509CertificateLoader.LoadPkcs12(SiloCertificate.Secret.Make(), null);

            Assert.True(await IsSpokenWithAsync(port, right, right));
            Assert.False(await IsSpokenWithAsync(port, wrong, right));
            Assert.False(await IsSpokenWithAsync(port, null, right));

            // A node with a file of its own is refused before it listens.
            using var other = new TemporaryDirectory();
            SecretFiles.Write(SecretFiles.PathOf(other.Path, "silo"), SiloCertificate.Secret.Make(), overwrite: false);
            await using var refused = ChildProcess.StartAssembly("Zoetrope.Server.dll", [], new Dictionary<string, string?>(environment)
            {
                ["ZOETROPE_DATA"] = other.Path,
                ["ZOETROPE_URLS"] = "http://127.0.0.1:0",
                ["Zoetrope__Admin__Key"] = TestZoetrope.OperatorKey,
                ["Zoetrope__Secrets__MasterKey"] = TestZoetrope.MasterKey,
            });
            Assert.Equal(2, await refused.ExitCodeAsync(Until.Patience));
            Assert.StartsWith("error: SECRETS_DIFFER: ", refused.StandardError, StringComparison.Ordinal);
            Assert.Single(refused.StandardError.Trim().Split('\n'));
        }
        finally
        {
            await TestPostgres.DropAsync(postgres);
        }
    }

    // With TLS 1.3 the other side judges the certificate only after this side's handshake. Then a silo says who it is, or
    // hangs up.
    private static async Task<bool> IsSpokenWithAsync(int port, X509Certificate2? shown, X509Certificate2 expected)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, TestContext.Current.CancellationToken);
        using var stream = new SslStream(client.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "zoetrope",
                    ClientCertificates = shown is null ? null : [shown],
                    RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == expected.GetCertHashString(),
                },
                TestContext.Current.CancellationToken);
            return await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken) > 0;
        }
        catch (IOException)
        {
            return false;
        }
        catch (System.Security.Authentication.AuthenticationException)
        {
            return false;
        }
    }
}
