from setuptools import find_packages, setup

package_name = 'experiments'

setup(
    name=package_name,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    package_data={package_name: ['py.typed']},
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        ('share/' + package_name, ['package.xml']),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},  # or colcon test runs none
    zip_safe=True,
    maintainer='ur5_rl maintainers',
    maintainer_email='maintainers@ur5-rl.invalid',
    description='Campaigns of runs: architectures, settings, tasks and seeds.',
    license='Apache-2.0',
)
