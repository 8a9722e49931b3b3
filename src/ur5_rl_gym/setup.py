from setuptools import find_packages, setup

package_name = 'ur5_rl_gym'

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
    description='The environment for agents of other libraries: a gymnasium.Env over the topics.',
    license='Apache-2.0',
)
