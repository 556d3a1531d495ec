using Envoy.Config.Core.V3;

namespace Weft.Proxy.XdsClient.Extensions;

/// <summary>A discovered extension configuration in use.</summary>
/// <param name="Message">As it came.</param>
/// <param name="Version">Of the resource.</param>
/// <param name="UpdatedAt">When it was taken over.</param>
internal sealed record LoadedExtension(TypedExtensionConfig Message, string Version, DateTimeOffset UpdatedAt);
